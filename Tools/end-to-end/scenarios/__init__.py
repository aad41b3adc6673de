"""The scenarios by name, in the order in which they are played."""
from scenarios import all_killed, commands, never_early

SCENARIOS = {
    "commands": commands.commands,
    "all-killed": all_killed.all_killed,
    "never-early": never_early.never_early,
}
