"""Named warning signs, and where they stand in a message. Knows no verdict.

    folding.py    the message as it is compared: one way to write each letter, with the place of each in the original
    patterns.py   the wording of the seeds as regular expressions that take linear time
    catalog.py    `seeds/signals.yaml`: the signs, and `seeds/wording.yaml`: word classes and cues
    negation.py   whether a sign is asked of the reader, or warned against, or told of others
    turns.py      who speaks in a transcript
    links.py      what a web address gives away, without opening it
    numbers.py    what a telephone number gives away, without ringing it
    finder.py     all of these over one message
"""
