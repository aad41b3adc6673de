// swift-tools-version: 6.3
// Leasehold: a Raft-backed replicated lease store. No package dependencies, on purpose.

import PackageDescription

/// What every Swift target of this package is compiled with.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// For targets with types of their own that hold or return spans.
let returnsSpans: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes")]

/// Test code may use what it likes of the standard library without marking each use.
let forTests: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The pure targets, lowest first: each may import those before it and nothing else.
let pure: [Target] = [
    .target(name: "LeaseholdBase", swiftSettings: strict + returnsSpans),
    .target(name: "Raft", dependencies: ["LeaseholdBase"], swiftSettings: strict + returnsSpans),
    .target(name: "LeaseMachine", dependencies: ["LeaseholdBase"], swiftSettings: strict + returnsSpans),
    .target(
        name: "LeaseholdWire", dependencies: ["LeaseholdBase", "Raft", "LeaseMachine"],
        swiftSettings: strict + returnsSpans),
    .target(
        name: "LeaseholdJournal", dependencies: ["LeaseholdBase", "Raft", "LeaseholdWire"],
        swiftSettings: strict + returnsSpans),
    .target(
        name: "LeaseholdReplica",
        dependencies: ["LeaseholdBase", "Raft", "LeaseMachine", "LeaseholdWire", "LeaseholdJournal"],
        swiftSettings: strict + returnsSpans),
    .target(
        name: "LeaseholdClientCore", dependencies: ["LeaseholdBase", "LeaseMachine", "LeaseholdWire"],
        swiftSettings: strict + returnsSpans),
]

/// What touches the kernel, and what is built on it.
let impure: [Target] = [
    .target(name: "CLeaseholdSystem"),
    .target(
        name: "LeaseholdSystem", dependencies: ["CLeaseholdSystem", "LeaseholdBase"],
        swiftSettings: strict + returnsSpans),
    .target(
        name: "LeaseholdServer",
        dependencies: [
            "LeaseholdBase", "Raft", "LeaseMachine", "LeaseholdWire", "LeaseholdJournal", "LeaseholdReplica",
            "LeaseholdSystem",
        ], swiftSettings: strict),
    .target(
        name: "Leasehold",
        dependencies: ["LeaseholdBase", "LeaseMachine", "LeaseholdWire", "LeaseholdClientCore", "LeaseholdSystem"],
        swiftSettings: strict),
    .executableTarget(
        name: "LeaseholdCommand",
        dependencies: [
            "LeaseholdBase", "Raft", "LeaseMachine", "LeaseholdWire", "LeaseholdJournal", "LeaseholdReplica",
            "LeaseholdClientCore", "LeaseholdSystem", "LeaseholdServer", "Leasehold",
        ], path: "Tools/leasehold", swiftSettings: strict),
]

let everyPureTarget: [Target.Dependency] = [
    "LeaseholdBase", "Raft", "LeaseMachine", "LeaseholdWire", "LeaseholdJournal", "LeaseholdReplica",
    "LeaseholdClientCore",
]

let simulation: [Target] = [
    .target(
        name: "Simulator", dependencies: everyPureTarget, path: "Simulation/Simulator", swiftSettings: strict),
    .executableTarget(
        name: "simulate", dependencies: ["LeaseholdBase", "LeaseholdSystem", "Simulator"], path: "Simulation/simulate",
        swiftSettings: forTests + [.enableUpcomingFeature("InternalImportsByDefault")]),
]

let tests: [Target] = [
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
    .testTarget(name: "LeaseholdBaseTests", dependencies: ["LeaseholdBase"], swiftSettings: forTests),
    .testTarget(name: "RaftTests", dependencies: ["LeaseholdBase", "Raft"], swiftSettings: forTests),
    .testTarget(name: "LeaseMachineTests", dependencies: ["LeaseholdBase", "LeaseMachine"], swiftSettings: forTests),
    .testTarget(
        name: "LeaseholdWireTests", dependencies: ["LeaseholdBase", "Raft", "LeaseMachine", "LeaseholdWire"],
        swiftSettings: forTests),
    .testTarget(
        name: "LeaseholdJournalTests",
        dependencies: [
            "LeaseholdBase", "Raft", "LeaseMachine", "LeaseholdWire", "LeaseholdJournal", "Simulator",
        ],
        swiftSettings: forTests),
    .testTarget(
        name: "LeaseholdReplicaTests",
        dependencies: [
            "CAllocationCounter", "LeaseholdBase", "Raft", "LeaseMachine", "LeaseholdWire", "LeaseholdJournal",
            "LeaseholdReplica", "Simulator",
        ], swiftSettings: forTests),
    .testTarget(
        name: "LeaseholdClientCoreTests",
        dependencies: ["LeaseholdBase", "LeaseMachine", "LeaseholdWire", "LeaseholdClientCore"],
        swiftSettings: forTests),
    .testTarget(
        name: "LeaseholdSystemTests", dependencies: ["LeaseholdBase", "LeaseholdSystem"], swiftSettings: forTests),
    .testTarget(
        name: "LeaseholdServerTests",
        dependencies: everyPureTarget + ["LeaseholdSystem", "LeaseholdServer"], swiftSettings: forTests),
    .testTarget(
        name: "LeaseholdTests",
        dependencies: everyPureTarget + ["LeaseholdSystem", "LeaseholdServer", "Leasehold", "Simulator"],
        swiftSettings: forTests),
    .testTarget(name: "SimulatorTests", dependencies: everyPureTarget + ["Simulator"], swiftSettings: forTests),
    .testTarget(
        name: "LeaseholdCommandTests",
        dependencies: everyPureTarget + ["LeaseholdSystem", "LeaseholdCommand"],
        swiftSettings: forTests),
    .testTarget(
        name: "SimulateCommandTests", dependencies: ["LeaseholdBase", "Simulator", "simulate"],
        swiftSettings: forTests),
    .testTarget(name: "HouseTests", swiftSettings: forTests),
]

let package = Package(
    name: "leasehold",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "Leasehold", targets: ["Leasehold"]),
        .library(name: "Raft", targets: ["Raft"]),
        .executable(name: "leasehold", targets: ["LeaseholdCommand"]),
        .executable(name: "simulate", targets: ["simulate"]),
    ],
    targets: pure + impure + simulation + tests)
