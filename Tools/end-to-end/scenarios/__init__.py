"""The scenarios by name, in the order in which they are played."""
from scenarios import all_killed, bad_input, commands, disk, kills, never_early, stopped_leader, syncs

SCENARIOS = {
    "commands": commands.commands,
    "leader-kills": kills.leader_kills,
    "follower-kills": kills.follower_kills,
    "all-killed": all_killed.all_killed,
    "stopped-leader": stopped_leader.stopped_leader,
    "never-early": never_early.never_early,
    "disk": disk.disk,
    "syncs": syncs.syncs,
    "bad-input": bad_input.bad_input,
}
