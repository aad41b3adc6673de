internal import LeaseholdSystem

@main
enum Main {
    static func main() {
        SignalQueue.ignoreBrokenPipes()
        let raw = Array(CurrentProcess.arguments.dropFirst())
        let line = raw.map { String(decoding: $0, as: UTF8.self) }
        CurrentProcess.exit(Dispatcher(commands: Command.all).run(line, raw: raw))
    }
}
