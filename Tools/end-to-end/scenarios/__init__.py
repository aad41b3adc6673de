"""The scenarios by name, in the order in which they are played."""
from scenarios import (
    all_killed, backups, bad_input, commands, disk, kills, members, never_early, rolling, snapshots, stopped_leader, syncs,
    trouble)

SCENARIOS = {
    "commands": commands.commands,
    "leader-kills": kills.leader_kills,
    "follower-kills": kills.follower_kills,
    "all-killed": all_killed.all_killed,
    "stopped-leader": stopped_leader.stopped_leader,
    "never-early": never_early.never_early,
    "rolling": rolling.rolling,
    "snapshots": snapshots.snapshots,
    "members": members.members,
    "backups": backups.backups,
    "disk": disk.disk,
    "trouble": trouble.trouble,
    "syncs": syncs.syncs,
    "bad-input": bad_input.bad_input,
}
