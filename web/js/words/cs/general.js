// The frame, the list, comparing, people, messages.

export default {
  "app.skip": "Přejít k obsahu",
  "app.motto": "Kdo mluvil, jak dlouho a co řekl",
  "app.caution": "Přepisy a údaje jsou strojový odhad. Než někoho ocitujete, poslechněte si nahrávku.",
  "app.contact": "Kontakt",
  "app.language": "Jazyk této stránky",
  "app.loading": "Načítá se",
  "app.again": "Zkusit znovu",

  "nav.all-debates": "Všechny debaty",

  "problem.offline": "Server není dostupný",
  "problem.offline.help": "Zkontrolujte připojení a zkuste to znovu.",
  "problem.refused": "K tomuto nemáte přístup",
  "problem.refused.help": "Server požadavek odmítl. Přihlaste se, nebo požádejte správce stránky o přístup.",
  "problem.server": "Server má potíže",
  "problem.server.help": "Není to vaše chyba. Zkuste to za minutu znovu.",
  "problem.malformed": "Data nelze přečíst",
  "problem.malformed.help":
    "Některý dokument je poškozený nebo neúplný. Zkuste to znovu; pokud to nepomůže, je třeba statistiky přepočítat.",
  "problem.newer": "Tato stránka je starší než data",
  "problem.newer.help":
    "Statistiky zapsala novější verze. Načtěte stránku znovu; pokud to nepomůže, je třeba ji aktualizovat.",
  "problem.no-index": "Zatím tu nejsou žádné statistiky",
  "problem.no-index.help": "Soubor statistics/index.json neexistuje. Vznikne, až bude hotová první debata.",
  "problem.no-debate": "Debata nenalezena",
  "problem.no-debate.help": "Možná byla stažena, nebo je v adrese překlep.",
  "problem.no-pair": "Jedna z debat tu není",
  "problem.no-pair.help": "Možná byla stažena, nebo je v adrese překlep.",
  "problem.no-people": "Zatím tu nejsou údaje o osobách",
  "problem.no-people.help": "Soubor statistics/summary.json neexistuje. Vznikne, až bude hotová první debata.",
  "problem.no-part": "Na serveru to není",
  "problem.no-part.help": "Možná to bylo staženo.",
  "problem.address": "Taková stránka neexistuje",
  "problem.address.help": "V adrese je překlep.",
  "problem.broken": "Na této stránce je chyba",
  "problem.broken.help": "Stránka nedokázala vykreslit, co dostala. Podrobnosti jsou v konzoli prohlížeče.",

  "notes.unsaid": "U této debaty není známo.",
  "notes.not-known": "není známo: {reason}",

  "speakers.unknown": "Neznámý mluvčí",
  "speakers.count": { one: "{count} mluvčí", few: "{count} mluvčí", other: "{count} mluvčích" },

  "share.of-each": "Doba řeči jednotlivých mluvčích; mluví-li více lidí najednou, počítá se každému.",
  "share.alone": "Mluví jen {name}.",
  "share.longest":
    "Nejdéle mluví {name}: {share} celkové doby řeči. Mluví-li více lidí najednou, počítá se každému.",
  "share.rest": {
    one: "Ještě {count} mluvčí, celkem {time}: viz tabulka.",
    few: "Ještě {count} mluvčí, celkem {time}: viz tabulka.",
    other: "Ještě {count} mluvčích, celkem {time}: viz tabulka.",
  },

  "list.title": "Debaty",
  "list.empty": "Zatím žádné debaty",
  "list.empty.help": "Až bude první debata přepsána a zveřejněna, objeví se tady.",
  "list.count": { one: "{count} debata", few: "{count} debaty", other: "{count} debat" },
  "list.written": "Seznam ze dne {date}.",
  "list.more-names": "{names} a další ({rest})",
};
