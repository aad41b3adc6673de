import LeaseholdCommand
import LeaseholdSystem
import Testing

@Suite struct OutputTests {
    @Test func jsonIsOneLineWithItsKeysInOrder() {
        let value = JSON.object([
            ("name", .string("a \"b\" \\ \n\t\r \u{1} \u{7F} é 🙂")), ("token", .digits(.max)),
            ("ttl_ms", .integer(-15)),
            ("reason", .null), ("released", .bool(false)), ("list", .array([.integer(1), .array([]), .object([])])),
        ])
        #expect(
            value.text
                == #"{"name": "a \"b\" \\ \n\t\r \u0001 \u007f é 🙂", "token": "18446744073709551615", "ttl_ms": -15, "#
                + #""reason": null, "released": false, "list": [1, [], {}]}"#)
    }

    @Test(arguments: [(0, "0.0"), (5, "0.005"), (1_500, "1.5"), (-250, "-0.25"), (12_345_678, "12345.678")])
    func aDecimalHasAtMostThreePlaces(thousandths: Int64, text: String) {
        #expect(JSON.thousandths(thousandths).text == text)
    }

    @Test func aCountBeyondWhatIsSignedStaysTheGreatest() {
        #expect(JSON.count(UInt64.max).text == "9223372036854775807")
        #expect(JSON.optional(nil).text == "null")
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("\u{FFFF}", "77+/"),
    ])
    func bytesBecomeBase64(text: String, expected: String) {
        #expect(base64(Array(text.utf8)) == expected)
    }

    @Test func aListIsOneValueOrOneObjectALine() {
        let list = JSON.array([.object([("a", .integer(1))]), .object([("a", .integer(2))])])
        #expect(Output(format: .json).render(list) { "no" } == "[{\"a\": 1}, {\"a\": 2}]\n")
        #expect(Output(format: .jsonl).render(list) { "no" } == "{\"a\": 1}\n{\"a\": 2}\n")
        #expect(Output(format: .table).render(list) { "people\n" } == "people\n")
        #expect(Output(format: .jsonl).render(.object([("a", .null)])) { "no" } == "{\"a\": null}\n")
    }

    @Test func aFailureEndsInALineForScriptsWhenTheyAskForOne() {
        let failure = CommandFailure(
            .held, "jobs/a is held by node\u{1B}[2J",
            details: [("name", .string("jobs/a")), ("remaining_ms", .integer(5))])
        #expect(Output(format: .table).render(failure) == "leasehold: jobs/a is held by node\\x1b[2J (held)\n")
        let lines = Output(format: .json).render(failure).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(
            lines.last
                == #"{"error": "held", "message": "jobs/a is held by node\u001b[2J", "name": "jobs/a", "remaining_ms": 5}"#
        )
    }

    @Test func everyCodeHasItsExitStatus() {
        let expected: [(Int32, String)] = [
            (
                64,
                """
                usage name_invalid holder_invalid value_too_long ttl_out_of_range capacity_mismatch not_supported \
                member_unknown member_refused level_unsupported
                """
            ),
            (65, "journal_corrupt snapshot_corrupt"),
            (
                69,
                """
                unreachable overloaded disk_low loses_quorum not_caught_up change_under_way \
                snapshot_gone snapshot_under_way
                """
            ),
            (70, "internal"),
            (73, "address_in_use directory_locked"), (74, "io_error"), (75, "held"),
            (76, "outcome_unknown hand_over_failed"),
            (77, "denied"), (78, "wrong_identity"), (79, "ended claim_unknown too_old"),
        ]
        let pairs = expected.flatMap { status, codes in codes.split(separator: " ").map { (String($0), status) } }
        #expect(pairs.map(\.0) == FailureCode.allCases.map(\.rawValue))
        #expect(pairs.map(\.1) == FailureCode.allCases.map(\.exitStatus))
    }

    @Test(arguments: ["README.md", "Sources/Leasehold/Leasehold.docc/Operating.md"])
    func everyCodeIsDocumented(file: String) throws {
        let top = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = String(decoding: try FileSystem.readAll("/\(top)/\(file)"), as: UTF8.self)
        for code in FailureCode.allCases { #expect(text.contains("`\(code.rawValue)`"), "\(code.rawValue) in \(file)") }
    }

    @Test func aTableIsAlignedAndSteersNoTerminal() {
        var table = Table([.words("name"), .numbers("token"), .words("holder")])
        table.append(["jobs/nightly", "7", "host:1"])
        table.append(["é", "12345", ""])
        table.append(["a\nb\u{1B}", "1", "x"])
        #expect(
            table.text == """
                NAME          TOKEN  HOLDER
                jobs/nightly      7  host:1
                é             12345  -
                a\\x0ab\\x1b        1  x

                """)
        #expect(
            describe([("name", "a"), ("valid_for_ms", "5"), ("x", "")])
                == "name          a\nvalid_for_ms  5\nx             -\n")
    }
}
