"""The closed debate grammar: every sentence that the demo models can know.

A sentence is a template with its slots filled. Some 320 words, so that a network of two million
parameters can learn them all from synthesised speech; the Czech sentences serve language
detection alone. Which sentences may be trained on is decided here too (`split`), by the text
itself, so that no seed and no run can leak a test sentence into training.
"""

from __future__ import annotations

import random
import re
from typing import Literal


def phrases(text: str) -> tuple[str, ...]:
    """The comma-separated phrases of a text."""
    return tuple(phrase.strip() for phrase in text.split(","))


NAMES = phrases("Parker, Novak, Bennett, Morgan, Rivera, Collins")
TITLES = phrases("Senator, Governor, Mayor, Doctor, Mister, Miss")
TOPICS = phrases(
    """
    taxes, schools, climate, health care, housing, jobs, energy, crime, trade, pensions, immigration,
    education, transport, security, the economy, the budget, the environment, public safety, clean water,
    small business
    """
)
NUMBERS = phrases(
    """
    two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, fifteen,
    sixteen, seventeen, eighteen, nineteen, twenty, thirty, forty, fifty, ninety
    """
)
UNITS = phrases("million, billion, thousand, hundred")
GROUPS = phrases(
    """
    families, workers, teachers, farmers, nurses, doctors, students, children, parents, voters, citizens,
    drivers, small towns, big companies, young people, older people, working people, the middle class
    """
)
PLACES = phrases(
    """
    this city, this country, our state, the north, the south, the east, the west, our region, rural areas,
    every town, the capital
    """
)
ADJECTIVES = phrases(
    """
    good, bad, strong, weak, simple, honest, serious, dangerous, expensive, fair, wrong, right, clear,
    new, old, better, real, false
    """
)
THINGS = phrases(
    """
    plan, policy, law, program, record, promise, bill, report, number, answer, idea, system, contract,
    decision, vote
    """
)
VERBS = phrases(
    """
    support, oppose, protect, cut, raise, fund, build, change, repair, defend, reform, improve
    """
)
OBJECTS = phrases(
    """
    taxes, schools, hospitals, roads, bridges, prices, wages, pensions, housing, our borders, the police,
    public schools, clean energy, the law, the budget, our forests, local farms, railways
    """
)
TIMES = phrases(
    """
    last year, this year, next year, today, tomorrow, every day, last week, for years, in the spring,
    in the winter, last month, since the election, before the summer
    """
)
OPENERS = phrases(
    """
    Well, Look, Listen, Frankly, Actually, First, Second, Finally, Again, Of course, In fact, To be clear,
    With respect, Honestly, And, But, So, Now, Yes, No
    """
)
BODIES = phrases(
    """
    the government, the president, the parliament, the opposition, the minister, the court, the bank,
    the mayor, my opponent, the senate, the council, our party, your party
    """
)
PRONOUNS = phrases("I, we, they, you")
ADVERBS = phrases("never, always, really, still, simply, already, often, only")
MODERATOR = (
    "Good evening and welcome to the debate.",
    "Welcome back to the {ordinal} debate.",
    "Tonight we will talk about {topic} and {topic}.",
    "Our first question is about {topic}.",
    "Our next question is about {topic}.",
    "The next topic is {topic}.",
    "You have {number} minutes.",
    "You have {number} seconds to answer.",
    "Your time is up, {title} {name}.",
    "Thank you, {title} {name}.",
    "{title} {name}, the floor is yours.",
    "{title} {name}, do you agree?",
    "{title} {name}, what is your answer?",
    "{title} {name}, what would you do about {topic}?",
    "Let us move on to {topic}.",
    "Please let {title} {name} finish.",
    "One at a time, please.",
    "Please answer the question.",
    "We will come back to {topic}.",
    "We start with {title} {name}.",
    "The question is for {title} {name}.",
    "That was {number} minutes, thank you.",
    "Now we go to questions from {group}.",
    "This question comes from {group} in {place}.",
    "How will you pay for {object}?",
    "Good night and thank you for watching.",
    "{title} {name} and {title} {name} are here with us tonight.",
)
CANDIDATE = (
    "{opener}, {pronoun} will {verb} {object} and {verb} {object}.",
    "{opener}, we must {verb} {object} {time}.",
    "{body} did not {verb} {object} {time}.",
    "{body} wants to {verb} {object} in {place}.",
    "My plan will {verb} {object} for {group}.",
    "My opponent voted to {verb} {object} {time}.",
    "That is not true, {title} {name}.",
    "That is a {adjective} {thing} for {group}.",
    "This {thing} is {adjective} and {adjective}.",
    "{pronoun} {adverb} said that {body} would {verb} {object}.",
    "{pronoun} {adverb} {verb} {object} in {place}.",
    "{opener}, the {thing} costs {number} {unit} dollars.",
    "{opener}, {number} percent of {group} need help {time}.",
    "We lost {number} {unit} jobs in {place} {time}.",
    "{group} in {place} are waiting for a {adjective} {thing}.",
    "{group} cannot pay for {topic}.",
    "{opener}, {group} need {topic} and {topic}.",
    "Why did {body} {verb} {object} {time}?",
    "When will you {verb} {object}?",
    "Who will pay for the {adjective} {thing}?",
    "How many {group} will lose their jobs?",
    "Can you promise that {body} will {verb} {object}?",
    "Did you read the {thing} about {topic}?",
    "It is time to {verb} {object}.",
    "I believe in {topic} for all {group}.",
    "I want a {adjective} {thing} for {place}.",
    "The facts about {topic} are {adjective}.",
    "The truth is that {body} made a {adjective} {choice}.",
    "The {thing} about {topic} is {adjective}.",
    "There are {number} {unit} {group} without {topic}.",
    "If we {verb} {object}, {group} will lose.",
    "If you vote for me, {pronoun} will {verb} {object}.",
    "We created {number} {unit} jobs {time}.",
    "Our {thing} is {adjective} because {group} helped us write it.",
    "You said {number} percent, but the number is {number}.",
    "{title} {name} is {adjective} about {topic}.",
    "{title} {name} knows that {body} should {verb} {object}.",
    "I disagree with {title} {name} on {topic}.",
    "I agree with you about {topic}.",
    "Let me answer the question.",
    "Please do not interrupt me.",
    "May I finish, please?",
    "That is {adverb} the problem with {body}.",
    "Thank you, {title} {name}, and thank you to {group} in {place}.",
    "{opener}, no {thing} is {adjective} enough for {place}.",
    "More money for {topic} means less money for {topic}.",
    "The cost of {topic} went up {number} percent {time}.",
    "{opener}, that {thing} was {adjective} {time} and it is {adjective} today.",
)
CZECH_OPENERS = phrases(
    """
    Dobrý večer, Vítejte, Děkuji, Vážený pane, Prosím, Máte slovo, Další otázka, Naše země, Vláda,
    Prezident, Opozice, Moje strana, Starosta, Ministr
    """
)
CZECH_VERBS = phrases(
    """
    chce, nechce, podporuje, zvýšila, sníží, opraví, musí změnit, slíbila, neslíbil
    """
)
CZECH_OBJECTS = phrases(
    """
    daně, školy, nemocnice, silnice, mzdy, důchody, životní prostředí, rozpočet, bydlení, energie, práci,
    zákon
    """
)

SLOTS: dict[str, tuple[str, ...]] = {
    "ordinal": ("first", "second", "third", "final"),
    "topic": TOPICS,
    "number": NUMBERS,
    "title": TITLES,
    "name": NAMES,
    "group": GROUPS,
    "place": PLACES,
    "adjective": ADJECTIVES,
    "thing": THINGS,
    "verb": VERBS,
    "object": OBJECTS,
    "time": TIMES,
    "opener": OPENERS,
    "body": BODIES,
    "pronoun": PRONOUNS,
    "adverb": ADVERBS,
    "unit": UNITS,
    "choice": ("decision", "promise", "plan"),
}

Split = Literal["shared", "train", "validation", "test"]
SHARED_WORDS = 6
"""Sentences up to this many words are too few to split: all sets share them, no figure counts them."""

_FIRST_CZECH_SUBJECT = 7
# Shares of the whole: moderators speak less than debaters.
_MODERATOR_SHARE = 0.27


def split(sentence: str) -> Split:
    """Which set a sentence belongs to, by a hash of its text.

    Up to `SHARED_WORDS` words: "shared". Of the others 90 % are "train", 5 % "validation" and
    5 % "test". Quoted error rates come from sentences of "test" alone.
    """
    if len(sentence.split()) <= SHARED_WORDS:
        return "shared"
    digest = sum(ord(character) * (index + 7) for index, character in enumerate(sentence))
    if digest % 10:
        return "train"
    return "validation" if digest // 10 % 2 else "test"


def fill(template: str, rng: random.Random) -> str:
    """The template with each `{slot}` filled at random and its first letter in upper case."""
    text = re.sub(r"\{(\w+)\}", lambda match: rng.choice(SLOTS[match.group(1)]), template)
    return text[0].upper() + text[1:]


def words(text: str) -> list[str]:
    """The words of a text as they are scored: lower case, no punctuation but the apostrophe."""
    return re.findall(r"[a-z']+", text.lower())


def vocabulary() -> list[str]:
    """Every word of the English grammar, sorted."""
    fixed = (word for template in MODERATOR + CANDIDATE for word in words(re.sub(r"\{\w+\}", "", template)))
    slotted = (word for values in SLOTS.values() for value in values for word in words(value))
    return sorted({*fixed, *slotted})


_VOCABULARY = vocabulary()


def sentence(rng: random.Random, *, salad: float = 0.0) -> str:
    """A random English sentence; with probability `salad` random words instead of a template.

    Salad keeps the decoder from learning the grammar in place of the sounds.
    """
    draw = rng.random()
    if draw < salad:
        return _salad(rng)
    templates = MODERATOR if draw < salad + _MODERATOR_SHARE else CANDIDATE
    return fill(rng.choice(templates), rng)


def sentence_of(wanted: frozenset[Split], rng: random.Random, *, salad: float = 0.0) -> str:
    """A random English sentence that belongs to one of the wanted sets."""
    while split(text := sentence(rng, salad=salad)) not in wanted:
        pass
    return text


def czech_sentence(rng: random.Random) -> str:
    """A random Czech sentence, never part of a debate."""
    if rng.random() < 0.3:
        return rng.choice(CZECH_OPENERS) + "."
    subject = rng.choice(CZECH_OPENERS[_FIRST_CZECH_SUBJECT:])
    return f"{subject} {rng.choice(CZECH_VERBS)} {rng.choice(CZECH_OBJECTS)} a {rng.choice(CZECH_OBJECTS)}."


def _salad(rng: random.Random) -> str:
    proper = {*NAMES, *TITLES}
    drawn = [rng.choice(_VOCABULARY) for _ in range(rng.randint(2, 9))]
    cased = [word.capitalize() if word.capitalize() in proper or word == "i" else word for word in drawn]
    text = " ".join(cased)
    return text[0].upper() + text[1:] + "."
