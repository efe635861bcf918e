// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DataProtector, IDatasetRegistry} from "../src/DataProtector.sol";
import {PocoFixture} from "./PocoFixture.sol";
import {Vm} from "./Test.sol";

/// Clients learn the address of new data from the logs of the transaction: from the first Transfer with three indexed
/// values, and from DatasetSchema, whoever emitted it. So these logs must come in this order and nothing may come between.
contract DataProtectorTest is PocoFixture {
    bytes32 private constant TRANSFER = keccak256("Transfer(address,address,uint256)");

    function test_logsNameTheDataFirstInTheRegistryThenInTheSchema() public {
        address owner = address(0xA11CE);
        DataProtector protector = new DataProtector(IDatasetRegistry(address(datasets)));
        vm.recordLogs();
        address made = protector.createDatasetWithSchema(owner, "heartbeats", '{"file":"string"}', "m", bytes32(uint256(1)));
        Vm.Log[] memory logs = vm.getRecordedLogs();

        uint256 first = firstTransfer(logs);
        expectEq(uint160(logs[first].emitter), uint160(address(datasets)), "emitter of the first Transfer");
        expectEq(uint256(logs[first].topics[3]), uint160(made), "token of the first Transfer");
        expectEq(uint256(logs[first].topics[2]), uint160(owner), "who it went to");

        Vm.Log memory last = logs[logs.length - 1];
        expectEq(schemas(logs), 1, "DatasetSchema logs");
        expectEq(uint256(last.topics[0]), uint256(DataProtector.DatasetSchema.selector), "the last log");
        expectEq(uint160(last.emitter), uint160(address(protector)), "emitter of DatasetSchema");
        expectEq(uint256(last.topics[1]), uint160(made), "data of DatasetSchema");
    }

    function firstTransfer(Vm.Log[] memory logs) private pure returns (uint256 index) {
        while (logs[index].topics.length != 4 || logs[index].topics[0] != TRANSFER) ++index;
    }

    function schemas(Vm.Log[] memory logs) private pure returns (uint256 count) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == DataProtector.DatasetSchema.selector) ++count;
        }
    }
}
