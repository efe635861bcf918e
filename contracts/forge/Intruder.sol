// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DataProtectorSharing} from "../src/DataProtectorSharing.sol";

/// Buys or receives what it should not be able to, and tries to come in again while it is paid out.
contract Intruder {
    DataProtectorSharing private immutable sharing;
    bytes private again;

    constructor(DataProtectorSharing sharing_) {
        sharing = sharing_;
    }

    function attack(bytes calldata first, bytes calldata second) external {
        again = second;
        (bool done, bytes memory reason) = address(sharing).call(first);
        if (done) return;
        assembly {
            revert(add(reason, 32), mload(reason))
        }
    }

    function onERC721Received(address, address, uint256, bytes calldata) external returns (bytes4) {
        (bool done, bytes memory reason) = address(sharing).call(again);
        if (done) return this.onERC721Received.selector;
        assembly {
            revert(add(reason, 32), mload(reason))
        }
    }
}

contract CannotReceive {}
