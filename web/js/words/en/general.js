// The frame, the list, comparing, people, messages.

export default {};
