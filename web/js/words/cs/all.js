// All words of one language. Keys are the same in every language (tests/web/test_words.py).

import debate from "./debate.js";
import general from "./general.js";

export default { ...general, ...debate };
