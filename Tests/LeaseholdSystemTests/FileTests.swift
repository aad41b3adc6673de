import LeaseholdBase
import LeaseholdSystem
import Testing

@Suite struct FileTests {
    let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    @Test func whatIsWrittenAtAPlaceIsReadThere() throws {
        let file = try File("\(directory.path)/a", .create)
        try file.write(([1, 2, 3] as [UInt8]).span.bytes, at: 0)
        try file.write(([9] as [UInt8]).span.bytes, at: 1)
        try file.synchronizeData()
        var bytes: [UInt8] = [7]
        #expect(try file.read(at: 0, count: 3, appendingTo: &bytes) == 3)
        #expect(bytes == [7, 1, 9, 3])
        #expect(try file.read(at: 2, count: 10, appendingTo: &bytes) == 1)
        #expect(bytes == [7, 1, 9, 3, 3])
        #expect(try file.size() == 3)
        try file.truncate(to: 1)
        #expect(try FileSystem.readAll("\(directory.path)/a") == [1])
    }

    @Test func aFilledFileIsZerosOfTheWholeLength() throws {
        let path = "\(directory.path)/segment"
        try FileSystem.createFilled(path, size: (1 << 20) + 17)
        let bytes = try FileSystem.readAll(path)
        #expect(bytes.count == (1 << 20) + 17)
        #expect(bytes.allSatisfy { $0 == 0 })
        let error = #expect(throws: SystemError.self) { try FileSystem.createFilled(path, size: 1) }
        #expect(error?.code == .exists)
    }

    @Test func namesAreMadeListedChangedAndRemoved() throws {
        let inner = "\(directory.path)/x/y/z"
        try FileSystem.makeDirectory(inner)
        try FileSystem.makeDirectory(inner)
        for name in ["b", "a", "B", "ä"] { try FileSystem.writeAll([1], to: "\(inner)/\(name)") }
        #expect(try FileSystem.list(inner) == ["B", "a", "b", "ä"])
        try FileSystem.rename("\(inner)/a", to: "\(inner)/b")
        try FileSystem.synchronizeDirectory(inner)
        #expect(try FileSystem.list(inner) == ["B", "b", "ä"])
        #expect(try FileSystem.kind(of: inner) == .directory)
        #expect(try FileSystem.kind(of: "\(inner)/b") == .file)
        #expect(try FileSystem.kind(of: "\(inner)/b/c") == .nothing)
        try FileSystem.removeTree("\(directory.path)/x")
        #expect(try FileSystem.list(directory.path) == [])
        #expect(try FileSystem.freeBytes(at: directory.path) > 0)
    }

    @Test func aNameThatIsTakenStaysWithWhatHasIt() throws {
        let (old, new) = ("\(directory.path)/old", "\(directory.path)/new")
        try FileSystem.writeAll([1], to: old)
        try FileSystem.writeAll([2], to: new)
        let error = #expect(throws: SystemError.self) { try FileSystem.rename(old, toNew: new) }
        #expect(error == SystemError(call: .rename, code: .exists))
        #expect(try FileSystem.readAll(old) == [1] && FileSystem.readAll(new) == [2])
        try FileSystem.remove(new)
        try FileSystem.rename(old, toNew: new)
        #expect(try FileSystem.list(directory.path) == ["new"] && FileSystem.readAll(new) == [1])
    }

    @Test func aFailureNamesTheCallAndTheReason() throws {
        let error = #expect(throws: SystemError.self) { _ = try FileSystem.readAll("\(directory.path)/none") }
        #expect(error == SystemError(call: .open, code: .notFound))
        #expect(error?.description == "open: No such file or directory")
    }

    @Test func aDirectoryHasOneOwnerAtATime() throws {
        do {
            let lock = try DirectoryLock(directory.path)
            let error = #expect(throws: DirectoryLockError.self) { _ = try DirectoryLock(directory.path) }
            #expect(error == .taken(directory: directory.path))
            _ = consume lock
        }
        let again = try DirectoryLock(directory.path)
        _ = consume again
    }

    @Test func aDiskThreadDoesItsJobsInOrderAndTellsEachEnd() throws {
        let wakeUp = try WakeUp()
        let thread = try DiskThread(name: "disk", wakeUp: wakeUp)
        let path = "\(directory.path)/filled"
        #expect(thread.submit(.createFilled(path: path, size: 5_000), number: 1))
        #expect(thread.submit(.rename(from: path, to: path + "2"), number: 2))
        #expect(thread.submit(.synchronizeDirectory(path: directory.path), number: 3))
        #expect(thread.submit(.remove(path: path), number: 4))
        thread.stop()
        var done: [DiskJobCompletion] = []
        thread.takeCompletions(into: &done)
        #expect(done.map(\.number) == [1, 2, 3, 4])
        #expect(done.map { $0.failure?.code } == [nil, nil, nil, .notFound])
        #expect(try FileSystem.readAll(path + "2").count == 5_000)
        #expect(!thread.submit(.remove(path: path), number: 5))
    }
}
