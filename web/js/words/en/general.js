// The frame, the list, comparing, people, messages.

export default {
  "app.skip": "Skip to the content",
  "app.motto": "Who spoke, for how long, and what they said",
  "app.caution": "Transcripts and figures are estimated by machine. Listen to the recording before you quote anyone.",
  "app.contact": "Contact",
  "app.language": "Language of this page",
  "app.loading": "Loading",
  "app.again": "Try again",

  "nav.all-debates": "All debates",

  "problem.offline": "The server cannot be reached",
  "problem.offline.help": "Check your connection, then try again.",
  "problem.refused": "You may not read this",
  "problem.refused.help": "The server refused it. Sign in, or ask the person who runs this page for access.",
  "problem.server": "The server has a problem",
  "problem.server.help": "This is not your doing. Try again in a minute.",
  "problem.malformed": "The data cannot be read",
  "problem.malformed.help":
    "A document is damaged or half written. Try again; if it stays so, run the statistics again.",
  "problem.newer": "This page is older than the data",
  "problem.newer.help":
    "The statistics were written by a newer release. Reload; if it stays so, the page itself has to be upgraded.",
  "problem.no-index": "No statistics here yet",
  "problem.no-index.help": "statistics/index.json does not exist. It is written when the first debate is done.",
  "problem.no-debate": "Debate not found",
  "problem.no-debate.help": "It may have been withdrawn, or the address is mistyped.",
  "problem.no-pair": "One of the debates is not here",
  "problem.no-pair.help": "It may have been withdrawn, or the address is mistyped.",
  "problem.no-people": "No figures of people yet",
  "problem.no-people.help": "statistics/summary.json does not exist. It is written when the first debate is done.",
  "problem.no-part": "It is not on the server",
  "problem.no-part.help": "It may have been withdrawn.",
  "problem.address": "There is no such page",
  "problem.address.help": "The address is mistyped.",
  "problem.broken": "This page has a fault",
  "problem.broken.help": "It could not draw what it was given. The browser's console says where.",

  "notes.unsaid": "Not known for this debate.",
  "notes.not-known": "not known: {reason}",

  "speakers.unknown": "Unknown speaker",
  "speakers.count": { one: "{count} speaker", other: "{count} speakers" },

  "share.of-each": "Time that each speaker speaks; talking at once counts for each.",
  "share.alone": "{name} speaks alone.",
  "share.longest": "{name} speaks longest: {share} of all speaking time. Talking at once counts for each.",
  "share.rest": {
    one: "{count} more speaker, {time} in all: see the table.",
    other: "{count} more speakers, {time} in all: see the table.",
  },

  "list.title": "Debates",
  "list.empty": "No debates yet",
  "list.empty.help": "When the first debate has been transcribed and published, it appears here.",
  "list.count": { one: "{count} debate", other: "{count} debates" },
  "list.written": "List of {date}.",
  "list.more-names": "{names} and {rest} more",
};
