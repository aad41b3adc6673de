import LeaseholdCommand
import LeaseholdSystem
import Testing

@Suite struct DevPlanTests {
    let plan = DevPlan(nodes: 3, basePort: 7400, directory: "/data")

    @Test func everyNodeHasItsAddressesAndItsData() {
        #expect(plan.ids.map { plan.client($0).description } == ["127.0.0.1:7401", "127.0.0.1:7402", "127.0.0.1:7403"])
        #expect(plan.peer(3).description == "127.0.0.1:7503")
        #expect(plan.data(2) == "/data/2")
        #expect(plan.endpoints == "127.0.0.1:7401,127.0.0.1:7402,127.0.0.1:7403")
    }

    @Test func aNodeIsServedByACommandThatWorksAlone() {
        #expect(
            plan.serve(2).joined(separator: " ")
                == "serve --id 2 --data /data/2 --listen-client 127.0.0.1:7402 --listen-peer 127.0.0.1:7502 --cluster "
                + "1=127.0.0.1:7501/127.0.0.1:7401,2=127.0.0.1:7502/127.0.0.1:7402,3=127.0.0.1:7503/127.0.0.1:7403")
    }

    @Test func theHighestBaseLeavesRoomForEveryPort() {
        let highest = DevPlan(nodes: DevPlan.nodesMax, basePort: DevPlan.basePortMax, directory: "/data")
        #expect(highest.peer(DevPlan.nodesMax).port == 65_535)
    }

    @Test func aPlanIsReadAsItWasRecorded() {
        #expect(DevPlan.recorded(plan.record, directory: "/data") == plan)
        for text in ["", "nodes=3", "nodes=0\nbase_port=7400", "nodes=3\nbase_port=x", "nodes=3\nbase_port=70000"] {
            #expect(DevPlan.recorded(text, directory: "/data") == nil)
        }
    }
}
