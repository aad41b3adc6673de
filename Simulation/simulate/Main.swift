import Foundation

/// Runs simulated clusters from seeds. `simulate --help` says what else it does.
@main
enum Main {
    static func main() {
        let line = Array(CommandLine.arguments.dropFirst())
        // A process that runs seeds for another one; not for people.
        if line == [SeedRunner.word] { exit(SeedRunner.serve()) }
        signal(SIGPIPE, SIG_IGN)
        exit(Dispatcher(commands: Command.all).run(line))
    }
}
