// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Deal, IPocoTasks} from "../src/Poco.sol";
import {TaskCallback} from "../src/TaskCallback.sol";

/// An oracle as an example of TaskCallback: the newest value that a trusted task computed, and when it was observed.
/// A result is abi.encode(uint256 time, uint256 value). Only for tests.
contract ValueOracle is TaskCallback {
    uint128 public time;
    uint128 public value;

    event ValueUpdated(bytes32 indexed taskId, uint256 time, uint256 value);

    /// Tasks may complete in another order than they observed: an older value never replaces a newer one.
    error NotNewer(uint256 time);

    constructor(IPocoTasks hub, Trust memory trust) TaskCallback(hub, trust) {}

    function onResult(bytes32 taskId, Deal memory, bytes memory result) internal override {
        (uint128 newTime, uint128 newValue) = abi.decode(result, (uint128, uint128));
        if (newTime <= time) revert NotNewer(newTime);
        time = newTime;
        value = newValue;
        emit ValueUpdated(taskId, newTime, newValue);
    }
}
