import LeaseholdBase
import LeaseholdCommand
import LeaseholdSystem
import Testing

@Suite struct ArgumentTests {
    static let flags: [Flag] = [
        .value("ttl", "TIME", ""), .value("nodes", "N", ""), .value("output", "FORMAT", ""),
        .value("listen-client", "A", ""), .present("stale", ""), .present("help", ""), .value("endpoints", "A", ""),
    ]

    func parse(_ line: String) throws(CommandFailure) -> Arguments {
        try Arguments(line.split(separator: " ").map(String.init), flags: Self.flags)
    }

    func message(_ line: String) -> String? {
        #expect(throws: CommandFailure.self) { try parse(line) }?.message
    }

    @Test func flagsStandAnywhereAndInBothForms() throws {
        for line in [
            "get --ttl 15s jobs/a --stale", "--ttl=15s get --stale jobs/a", "get jobs/a --stale --ttl=15s",
        ] {
            let arguments = try parse(line)
            #expect(arguments.words == ["get", "jobs/a"])
            #expect(arguments.text("ttl") == "15s")
            #expect(arguments.has("stale"))
            #expect(!arguments.has("help"))
        }
    }

    @Test func shortFormsAreReadAsLongOnes() throws {
        #expect(try parse("get -o json").text("output") == "json")
        #expect(try parse("get -o=json").text("output") == "json")
        #expect(try parse("-h").has("help"))
    }

    @Test func twoDashesEndTheFlags() throws {
        let arguments = try parse("get --stale -- --ttl -x --")
        #expect(arguments.words == ["get", "--ttl", "-x", "--"])
        #expect(arguments.text("ttl") == nil)
    }

    @Test func aValueMayBeEmptyOrHoldAnEqualsSignOrBeginWithADash() throws {
        #expect(try parse("--ttl=").text("ttl") == "")
        #expect(try parse("--ttl=a=b").text("ttl") == "a=b")
        #expect(try parse("--ttl -5").text("ttl") == "-5")
        #expect(try parse("get -").words == ["get", "-"])
    }

    @Test func whatCannotBeMeantIsSaid() {
        #expect(message("--tll 5s") == "unknown flag --tll; did you mean --ttl?")
        #expect(message("--listenclient=a") == "unknown flag --listenclient; did you mean --listen-client?")
        #expect(message("--colour") == "unknown flag --colour")
        #expect(message("-x") == "unknown flag -x")
        #expect(message("--ttl") == "--ttl needs a value: --ttl TIME")
        #expect(message("--ttl --stale") == "--ttl needs a value: --ttl TIME")
        #expect(message("--stale=yes") == "--stale takes no value")
        #expect(message("--ttl 1s --ttl 2s") == "--ttl is given twice")
    }

    @Test func valuesAreJudgedByWhatTheyStandFor() throws {
        let arguments = try parse("--ttl 15s --nodes 5 --listen-client [::1]:7401")
        #expect(try arguments.duration("ttl") == .seconds(15))
        #expect(try arguments.integer("nodes", in: 1...9) == 5)
        #expect(try arguments.endpoint("listen-client") == .internet(host: "::1", port: 7401))
        #expect(try parse("").duration("ttl") == nil)
        for (line, read) in [
            ("--ttl 15", { (arguments: Arguments) in _ = try arguments.duration("ttl") }),
            ("--nodes 10", { _ = try $0.integer("nodes", in: 1...9) }),
            ("--nodes three", { _ = try $0.integer("nodes", in: 1...9) }),
            ("--listen-client 7401", { _ = try $0.endpoint("listen-client") }),
            ("--endpoints a:1,,b:2", { _ = try $0.endpoints() }),
        ] {
            let arguments = try parse(line)
            let failure = #expect(throws: CommandFailure.self) { try read(arguments) }
            #expect(failure?.code == .usage)
        }
    }

    @Test(arguments: [
        ("500ms", Nanoseconds.milliseconds(500)), ("15s", .seconds(15)), ("2m", .seconds(120)), ("1h", .seconds(3_600)),
        ("0s", .zero), ("007s", .seconds(7)),
    ])
    func aDurationIsAnIntegerWithItsUnit(text: String, expected: Nanoseconds) {
        #expect(duration(text) == expected)
    }

    @Test(arguments: [
        "", "15", "s", "-1s", "+1s", "1.5s", "1 s", "1S", "1d", "1us", "1sm", "٣s", "99999999999999999999s", "3000000h",
    ])
    func whatIsNoDurationIsRefused(text: String) {
        #expect(duration(text) == nil)
    }

    @Test func aListOfAddressesMayLeaveOutARepeatedHost() {
        let expected: [Endpoint] = [
            .internet(host: "127.0.0.1", port: 7401), .internet(host: "127.0.0.1", port: 7402),
            .internet(host: "::1", port: 7403),
        ]
        #expect(endpoints("127.0.0.1:7401,7402,[::1]:7403") == expected)
        #expect(endpoints("127.0.0.1:7401,127.0.0.1:7402,[::1]:7403") == expected)
        for text in ["", "7401", "a:1,", "a:1, b:2", "a:0", "a:1,+5", "unix:x,5"] { #expect(endpoints(text) == nil) }
    }

    @Test(arguments: [
        ("acquir", "acquire"), ("aquire", "acquire"), ("realease", "release"), ("stauts", "status"), ("sta", "status"),
        ("lst", "list"), ("journal", "journal inspect"), ("dve", "dev"),
    ])
    func aMistypedWordGetsTheNearestName(word: String, expected: String) {
        let names = ["dev", "serve", "acquire", "renew", "release", "status", "get", "list", "journal inspect"]
        #expect(nearest(to: word, among: names) == expected)
    }

    @Test func aWordThatIsNearNothingGetsNoName() {
        #expect(nearest(to: "frobnicate", among: ["dev", "acquire"]) == nil)
        #expect(nearest(to: "x", among: ["dev", "acquire"]) == nil)
        #expect(distance("abc", "acb") == 1)
        #expect(distance("", "abc") == 3)
    }

    @Test(arguments: [
        ("/a/b.c", "/a/b.c"), ("", "''"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("[::1]:5", "'[::1]:5'"),
        ("$HOME", "'$HOME'"), ("1=127.0.0.1:7501/127.0.0.1:7401,2=x", "1=127.0.0.1:7501/127.0.0.1:7401,2=x"),
    ])
    func aWordForAShellIsQuotedWhenItMustBe(text: String, expected: String) {
        #expect(shellQuoted(text) == expected)
    }
}

@Suite struct RawArgumentTests {
    static let flags: [Flag] = [.value("value", "TEXT", ""), .value("holder", "TEXT", "")]

    func parse(_ raw: [[UInt8]]) throws(CommandFailure) -> Arguments {
        try Arguments(raw.map { String(decoding: $0, as: UTF8.self) }, raw: raw, flags: Self.flags)
    }

    @Test func aValueNeedNotBeText() throws {
        let value: [UInt8] = [0xFF, 0x3D, 0x00]
        #expect(try parse([Array("a".utf8), Array("--value".utf8), value]).bytes("value") == value)
        #expect(try parse([Array("--value=".utf8) + value]).bytes("value") == value)
        #expect(try parse([Array("--value".utf8), Array("é".utf8)]).bytes("value") == Array("é".utf8))
        #expect(try parse([Array("a".utf8)]).bytes("value") == nil)
    }

    @Test func everythingElseIsText() throws {
        for line in [[[0xFF]], [Array("--holder".utf8), [0xC3]], [Array("--".utf8), [0x80]]] as [[[UInt8]]] {
            let failure = #expect(throws: CommandFailure.self) { _ = try parse(line) }
            #expect(failure?.code == .usage)
        }
    }

    @Test func aClaimIsANumberThatAnAcquireCouldTell() throws {
        let flags: [Flag] = [.value("claim", "CLAIM", "")]
        #expect(try Arguments(["--claim", "18446744073709551615"], flags: flags).claim() == ClaimID(.max))
        for text in ["0", "-1", "x", "", "18446744073709551616"] {
            let arguments = try Arguments(["--claim=\(text)"], flags: flags)
            #expect(throws: CommandFailure.self) { try arguments.claim() }
        }
    }
}
