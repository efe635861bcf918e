// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Receives a task's callback as an ERC-1154 oracle consumer does, and keeps what it got from its hub. Only for tests.
contract CallbackSink {
    address private immutable hub;
    mapping(bytes32 => bytes) public received;

    constructor(address hub_) {
        hub = hub_;
    }

    function receiveResult(bytes32 task, bytes calldata data) external {
        require(msg.sender == hub, "not the hub");
        received[task] = data;
    }
}
