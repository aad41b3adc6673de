internal import LeaseholdSystem

@main
enum Main {
    static func main() {
        SignalQueue.ignoreBrokenPipes()
        let arguments = Array(CommandLine.arguments.dropFirst())
        CurrentProcess.exit(Dispatcher(commands: Command.all).run(arguments))
    }
}
