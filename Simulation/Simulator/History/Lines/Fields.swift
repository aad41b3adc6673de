import LeaseMachine
import LeaseholdBase

/// The members of an object, by name.
struct Fields {
    private let members: [JSONValue.Member]

    init(_ value: JSONValue) throws(JSONReader.Failure) {
        guard case .object(let members) = value else { throw .init(message: "expected an object") }
        self.members = members
    }

    func has(_ name: String) -> Bool { members.contains { $0.name == name } }

    func value(_ name: String) throws(JSONReader.Failure) -> JSONValue {
        guard let member = members.first(where: { $0.name == name }) else {
            throw .init(message: "\"\(name)\" is missing")
        }
        return member.value
    }

    func number(_ name: String) throws(JSONReader.Failure) -> UInt64 {
        guard case .number(let number) = try value(name) else {
            throw .init(message: "\"\(name)\" is not a number")
        }
        return number
    }

    /// A number that the field is not allowed to exceed.
    func number(_ name: String, upTo limit: UInt64) throws(JSONReader.Failure) -> UInt64 {
        let number = try number(name)
        guard number <= limit else { throw .init(message: "\"\(name)\" is greater than \(limit)") }
        return number
    }

    func truth(_ name: String) throws(JSONReader.Failure) -> Bool { try number(name, upTo: 1) == 1 }

    func time(_ name: String) throws(JSONReader.Failure) -> Nanoseconds {
        Nanoseconds(Int64(try number(name, upTo: UInt64(Int64.max))))
    }

    func text(_ name: String) throws(JSONReader.Failure) -> String {
        guard case .text(let text) = try value(name) else { throw .init(message: "\"\(name)\" is not a text") }
        return text
    }

    func list(_ name: String) throws(JSONReader.Failure) -> [JSONValue] {
        guard case .list(let values) = try value(name) else { throw .init(message: "\"\(name)\" is not a list") }
        return values
    }

    func fields(_ name: String) throws(JSONReader.Failure) -> Fields { try Fields(try value(name)) }

    func bytes(_ name: String) throws(JSONReader.Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        for value in try list(name) {
            guard case .number(let number) = value, let byte = UInt8(exactly: number) else {
                throw .init(message: "\"\(name)\" is not a list of bytes")
            }
            bytes.append(byte)
        }
        return bytes
    }

    func numbers(_ name: String) throws(JSONReader.Failure) -> [UInt64] {
        var numbers: [UInt64] = []
        for value in try list(name) {
            guard case .number(let number) = value else {
                throw .init(message: "\"\(name)\" is not a list of numbers")
            }
            numbers.append(number)
        }
        return numbers
    }

    func reason(_ name: String) throws(JSONReader.Failure) -> EndReason {
        let word = try text(name)
        guard let reason = EndReason.allCases.first(where: { $0.description == word }) else {
            throw .init(message: "\"\(name)\" is no reason of an end: \(word)")
        }
        return reason
    }

    func claim() throws(JSONReader.Failure) -> ClaimID { ClaimID(try number("claim")) }
    func index() throws(JSONReader.Failure) -> LogIndex { LogIndex(try number("index")) }
    func token() throws(JSONReader.Failure) -> FencingToken { FencingToken(try number("token")) }
}
