import LeaseholdSystem
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("127.0.0.1:7401", Endpoint.internet(host: "127.0.0.1", port: 7401)),
        ("localhost:0", .internet(host: "localhost", port: 0)),
        ("[::1]:65535", .internet(host: "::1", port: 65535)),
        ("node-1.example:1", .internet(host: "node-1.example", port: 1)),
        ("unix:/run/leasehold.sock", .local(path: "/run/leasehold.sock")),
        ("unix:here", .local(path: "here")),
    ])
    func whatIsReadIsWrittenTheSame(text: String, endpoint: Endpoint) {
        #expect(Endpoint(text) == endpoint)
        #expect(endpoint.description == text)
    }

    @Test(arguments: [
        "0.0.0.0:7401", "[::]:7401", "0:7401", "[0:0:0:0:0:0:0:0]:7401", "[::ffff:0.0.0.0]:7401", "10.0.0.4:0",
        "node:0",
    ])
    func whereOnlyAListenerCanBeNobodyIsSent(text: String) throws {
        #expect(try !#require(Endpoint(text)).isReachable)
    }

    @Test(arguments: ["127.0.0.1:7401", "[::1]:1", "0.0.0.1:1", "node-1.example:1", "unix:/run/leasehold.sock"])
    func whereSomebodyMayBeOthersAreSent(text: String) throws {
        #expect(try #require(Endpoint(text)).isReachable)
    }

    @Test(arguments: [
        "", ":", "host", "host:", ":7401", "host:65536", "host:-1", "host:+1", "host:7 ", "host: 7", "::1:7401",
        "[::1]",
        "[::1]7401", "[host]:1", "[]:1", "a b:1", "a/b:1", "unix:", "host:1:2", "host:٧",
        "unix:/\(String(repeating: "a", count: 108))",
    ])
    func whatIsNoEndpointIsRefused(text: String) {
        #expect(Endpoint(text) == nil)
    }
}
