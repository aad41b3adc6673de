import LeaseholdCommand
import Testing

@Suite struct DispatcherTests {
    static func command(_ name: String, _ parameters: [Parameter] = [], _ flags: [Flag] = []) -> Command {
        Command(
            name: name, parameters: parameters, flags: flags, summary: "Does \(name).", example: "leasehold \(name)"
        ) { (_) throws(CommandFailure) -> Int32 in 0 }
    }

    static let dispatcher = Dispatcher(commands: [
        command("get", [.required("NAME")], [.present("stale", "old is fine"), .value("ttl", "TIME", "how long")]),
        command("list", [.optional("PREFIX")]), command("journal inspect", [.required("DIR")]),
        command("serve", [], [.value("data", "DIR", "where")]),
    ])

    func run(_ line: String) throws(CommandFailure) -> (name: String, invocation: Invocation)? {
        guard case .run(let command, let invocation) = try request(line) else { return nil }
        return (command.name, invocation)
    }

    func request(_ line: String) throws(CommandFailure) -> Dispatcher.Request {
        try Self.dispatcher.request(line.split(separator: " ").map(String.init))
    }

    func shown(_ line: String) throws -> String? {
        guard case .show(let text) = try request(line) else { return nil }
        return text
    }

    func message(_ line: String) -> String? {
        let failure = #expect(throws: CommandFailure.self) { _ = try request(line) }
        #expect(failure?.code == .usage)
        return failure?.message
    }

    @Test func aCommandIsFoundByItsWordsWhereverItsFlagsStand() throws {
        let get = try #require(try run("--ttl 5s -o json get jobs/a"))
        #expect(get.name == "get")
        #expect(get.invocation.arguments.words == ["jobs/a"])
        #expect(get.invocation.output.format == .json)
        let inspect = try #require(try run("journal -o=jsonl inspect /data"))
        #expect(inspect.name == "journal inspect")
        #expect(inspect.invocation.arguments.words == ["/data"])
        #expect(try run("list")?.invocation.arguments.words == [])
        #expect(try run("get -- --stale")?.invocation.arguments.words == ["--stale"])
    }

    @Test func helpIsEverywhereWithAnExample() throws {
        let overview = try #require(try shown("--help"))
        for name in ["get", "list", "journal inspect", "serve"] { #expect(overview.contains("  \(name) ")) }
        let help = try #require(try shown("get --help"))
        #expect(help.hasPrefix("Usage: leasehold get NAME [flags]\n\nDoes get.\n"))
        #expect(help.contains("--ttl TIME"))
        #expect(help.hasSuffix("Example:\n  leasehold get\n"))
        #expect(try shown("get a b c -h") == help)
        #expect(try shown("journal --help")?.contains("leasehold journal inspect DIR") == true)
        #expect(try shown("--version") == "leasehold \(Dispatcher.version)\n")
    }

    @Test func whatCannotBeMeantIsSaid() {
        #expect(message("") == "no command given; leasehold --help lists them")
        #expect(message("gte x") == "unknown command 'gte'; did you mean get?")
        #expect(message("xyzzy") == "unknown command 'xyzzy'; leasehold --help lists them")
        #expect(message("journal") == "journal needs a further word: journal inspect")
        #expect(message("get") == "NAME is missing: leasehold get NAME [flags]")
        #expect(message("get a b") == "'b' is one word too many: leasehold get NAME [flags]")
        #expect(message("serve --stale") == "unknown flag --stale")
        // Only what the command takes is suggested.
        #expect(message("get a --dat x") == "unknown flag --dat")
        #expect(message("serve --dat x") == "unknown flag --dat; did you mean --data?")
        #expect(message("journl inspect x") == "unknown command 'journl'; did you mean journal inspect?")
        #expect(message("journl inspct x") == "unknown command 'journl'; did you mean journal inspect?")
        #expect(message("journal inspct x") == "unknown command 'journal inspct'; did you mean journal inspect?")
        #expect(message("journal xyzzy x") == "unknown command 'journal xyzzy'; there are journal inspect")
        #expect(message("get a -o yaml") == "-o takes table, json or jsonl, not 'yaml'")
        #expect(message("get a -o jsonn") == "-o takes table, json or jsonl, not 'jsonn'; did you mean json?")
    }

    @Test func aFlagMeansTheSameKindOfThingInEveryCommand() {
        // Flags may precede the command, so whether one takes a value must not depend on it.
        var takesValue: [String: Bool] = [:]
        for command in Command.all {
            for flag in command.flags {
                #expect(takesValue[flag.name] ?? (flag.value != nil) == (flag.value != nil), "--\(flag.name)")
                takesValue[flag.name] = flag.value != nil
            }
        }
    }

    @Test(arguments: Command.all.map(\.name))
    func everyCommandsExampleIsOneThatItTakes(name: String) throws {
        let command = try #require(Command.all.first { $0.name == name })
        var lines = command.example.split(separator: "\n").map(String.init)
        let words = lines.removeLast().split(separator: " ").map(String.init)
        // What stands before the line itself makes what it needs, with a command again.
        #expect(lines.allSatisfy { $0.hasPrefix("claim=$(leasehold acquire ") || $0.hasPrefix("leasehold ") })
        #expect(words.first == "leasehold")
        guard case .run(let found, _) = try Dispatcher(commands: Command.all).request(Array(words.dropFirst())) else {
            Issue.record("the example asks for help")
            return
        }
        #expect(found.name == name)
    }
}
