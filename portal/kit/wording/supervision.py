"""
Supervision in words: parts of a pack, prompts for the conversation, points that can be agreed on.

The prompts are ours: questions in the spirit of Safran and Muran (curiosity, one's own part,
talking about what happens between two people), never their words, and a validated instrument
of nothing.
"""

# In the order of the service: section -> heading, what belongs there.
SECTIONS = {
    "unrepaired": (
        "Not yet repaired",
        "Open for a while, or still open when therapy ended. This happens in good work too.",
    ),
    "new_rupture": ("New ruptures", "Noticed this week."),
    "conversation_due": ("Not yet talked about", "Open for two weeks or more, and not marked as talked about."),
    "unseen_strain": ("Two views that differ", "From the week before: until then, for the therapist alone."),
    "deteriorated": ("More difficulties than at the start", "Reliably more on an outcome measure."),
    "repaired": ("Repaired, to learn from", "What helped is worth as much as what hurt."),
}
PROMPTS = {
    "what_happened": "What happened between the two of you just before it changed?",
    "pulled_back_or_pushed": "Did this client pull back, or push against something? How could you tell?",
    "own_part": "What was your own part in it, and how does that feel from the inside?",
    "name_it": "How could you name it, simply and without explaining?",
    "their_view_first": "How would you ask for their view first, and what would make it hard to hear?",
    "goals_tasks_bond": "Is it about where you are going, how you work, or how you are with each other?",
    "familiar_pattern": "Does it resemble something this client knows from elsewhere? Something you know?",
    "what_makes_it_hard": "What has made it hard to bring up so far?",
    "first_sentence": "Which one sentence could open the conversation?",
    "if_it_stays": "If it stays like this, what would still be good work?",
    "other_help": "Is there something or somebody else that would help, decided together with this client?",
    "care_for_you": "How are you, after this?",
    "last_word": "What would you have liked to say at the end? Is there a warm word that can still be said?",
    "two_pictures": "Put the two pictures side by side before choosing one: what might each of you have seen?",
    "hard_to_say": "What may be hard to say out loud to you, and how could it become easier?",
    "plan_fits": "Does the plan still fit? What would this client say?",
    "what_else_changed": "What else has changed in their life?",
    "what_helped": "What helped it back? What did each of you do?",
    "keep_it": "What of it is worth keeping, with this client and with others?",
}
POINTS = {
    "talk_about_it": "Talk about it next time",
    "ask_their_view": "Ask for their view first",
    "review_goals": "Look at goals again, together",
    "change_the_way": "Change something in the way of working",
    "look_at_own_part": "Look at the own part in it",
    "other_help": "Consider more or other help, with this client",
    "bring_it_back": "Bring it back to supervision",
    "keep_doing_it": "Keep doing what helped",
}
PROMPTS_LABEL = "Prompts, ours. Take what fits."
