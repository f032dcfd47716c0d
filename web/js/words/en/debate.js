// One debate.

export default {};
