import Simulator

#if PLANTED_BUGS
import LeaseholdBase
#endif

extension Flag {
    /// What commands about one run take besides, in the build that holds planted bugs.
    static var planted: [Flag] {
        #if PLANTED_BUGS
        [.value("bug", "NAME", "a mistake to make on purpose; simulate mutants --list shows all")]
        #else
        []
        #endif
    }
}

extension Job {
    /// Takes the planted bug from the command line, where there are any, and its script for a plan that is drawn.
    func planting(_ arguments: Arguments) throws(CommandFailure) -> Job {
        #if PLANTED_BUGS
        guard let name = arguments.text("bug") else { return self }
        guard let bug = PlantedBug(rawValue: name) else {
            let hint = nearest(to: name, among: PlantedBug.allCases.map(\.rawValue))
            throw CommandFailure("no bug is called '\(name)'" + (hint.map { "; did you mean \($0)?" } ?? ""))
        }
        var job = self
        job.bug = name
        if plan == nil { job.plan = bug.script(expanded) }
        return job
        #else
        return self
        #endif
    }

    /// The same run of another plan.
    func running(_ plan: Plan) -> Job {
        var job = self
        job.plan = plan
        return job
    }

    /// Makes this process make the mistake.
    func plant() {
        #if PLANTED_BUGS
        PlantedBugs.activate(bug.flatMap { PlantedBug(rawValue: $0) })
        #endif
    }

    /// What has to be added to the command that runs it again.
    var plantedWords: String {
        #if PLANTED_BUGS
        bug.map { " --bug \($0)" } ?? ""
        #else
        ""
        #endif
    }
}
