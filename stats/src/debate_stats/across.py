"""All debates: the figures of `summary.json`, over all debates and of each person.

They are sums, and ratios of sums: a long debate weighs more than a short one, which it would not in a mean of the
debates' ratios. A speaker's label belongs to one debate: it is never added up over debates. People are joined through
`speakers.json` and `people.json` alone, and what is added up of a person are the labels that are that person's; two who
merely have the same name stay two.
"""

from __future__ import annotations

from typing import Final

DEFINITIONS: Final = (
    """Published debates.

    Figures: summary.jobs
    Name: Debates
    """,
    """Length of all debates together.

    Figures: summary.duration_seconds
    Name: Length
    Formula: sum of T
    Unit: s
    """,
    """Time in which somebody speaks, in all debates together.

    Figures: summary.speech_seconds
    Name: Speech
    Formula: sum of speech
    Unit: s
    """,
    """Words of all debates together, those of unknown speakers too.

    Figures: summary.words
    Name: Words
    Formula: sum of words
    Unit: words
    """,
    """How much of the debates is speech.

    Figures: summary.speech_ratio
    Name: Share of speech
    Formula: sum of speech / sum of T
    Unit: 0-1
    Null: there is no debate with a length
    """,
    """Words for each minute of speech, where overlapping speech counts once.

    Figures: summary.words_per_minute
    Name: Words a minute
    Formula: sum of words / (sum of speech / 60)
    Unit: 1/min
    Null: there is no speech
    """,
    """How much of the speech is two or more at once, over the debates that have diarization; `notes` has their number.

    Figures: summary.overlap_ratio
    Name: Share of overlap
    Formula: sum of overlap / sum of speech, over debates with diarization
    Unit: 0-1
    Null: there is no debate with diarization and speech
    """,
    """The people of `people.json` who speak in a published debate, each with the debates in which they do.

    Figures: summary.people, summary.people[].debates
    Name: People
    """,
    """Time in which the person speaks.

    Where two labels of one debate are the same person, their times are added up.

    Figures: summary.people[].speaking_seconds, summary.people[].debates[].speaking_seconds
    Name: Speaking time
    Formula: sum of t over the person's labels
    Unit: s
    """,
    """The person's part of the speaking time of all known speakers of the same debates.

    Figures: summary.people[].share_of_speech, summary.people[].debates[].share_of_speech
    Name: Share of speech
    Formula: sum of the person's t / sum of t over all known speakers, over the person's debates
    Unit: 0-1
    Null: no known speaker speaks in these debates
    """,
    """The person's words.

    Figures: summary.people[].words, summary.people[].debates[].words
    Name: Words
    Formula: sum of words over the person's labels
    Unit: words
    """,
    """Words for each minute of the person's own speaking time.

    Figures: summary.people[].words_per_minute, summary.people[].debates[].words_per_minute
    Name: Words a minute
    Formula: sum of words / (sum of t / 60)
    Unit: 1/min
    Parameters: pace_min_speech_s
    Null: the person has less than pace_min_speech_s of speech
    """,
    """How often the person has the floor.

    Figures: summary.people[].turns, summary.people[].debates[].turns
    Name: Turns
    Formula: sum of turns over the person's labels
    """,
    """The person's sentences that end in a question mark, over the debates in which questions are known.

    Figures: summary.people[].questions, summary.people[].debates[].questions
    Name: Questions
    Formula: sum of questions over the person's labels
    Null: questions are known in none of these debates
    """,
    """How often the person interrupts others (estimated), over the debates in which interruptions are known.

    Figures: summary.people[].interruptions_made, summary.people[].debates[].interruptions_made
    Name: Interruptions made (estimated)
    Formula: sum of interruptions by the person's labels of others
    Null: interruptions are known in none of these debates
    """,
    """How often others interrupt the person (estimated), over the debates in which interruptions are known.

    Figures: summary.people[].interruptions_received, summary.people[].debates[].interruptions_received
    Name: Interruptions received (estimated)
    Formula: sum of interruptions of the person's labels by others
    Null: interruptions are known in none of these debates
    """,
    """When the person is first heard in the debate.

    Figures: summary.people[].debates[].first_second
    Name: First heard
    Formula: least first_second of the person's labels
    Unit: s
    Null: no speech of the person is timed in it
    """,
)
"""Texts of the form that docstrings of figures have (see `definitions`)."""
