// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The cheatcodes of forge that our tests use.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function addr(uint256 privateKey) external pure returns (address);
    function envString(string calldata name) external view returns (string memory);
    function clearMockedCalls() external;
    function expectEmit(bool topic1, bool topic2, bool topic3, bool data, address emitter) external;
    function getRecordedLogs() external returns (Log[] memory);
    function recordLogs() external;
    function expectRevert(bytes calldata reason) external;
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function mockCallRevert(address callee, bytes calldata data, bytes calldata reason) external;
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonBytesArray(string calldata json, string calldata key) external pure returns (bytes[] memory);
    function parseJsonStringArray(string calldata json, string calldata key) external pure returns (string[] memory);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
    function prank(address sender) external;
    function readFile(string calldata path) external view returns (string memory);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function snapshotGasLastCall(string calldata group, string calldata name) external returns (uint256);
    function startPrank(address sender) external;
    function stopPrank() external;
    function store(address account, bytes32 slot, bytes32 value) external;
    function toString(address value) external pure returns (string memory);
    function toString(uint256 value) external pure returns (string memory);
    function warp(uint256 timestamp) external;
}

/// Expectations with a message that names what was seen. forge finds tests by their names; this is all it needs besides.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error Unexpected(string what, bytes32 seen, bytes32 expected);

    function expect(bool condition, string memory what) internal pure {
        if (!condition) revert Unexpected(what, 0, bytes32(uint256(1)));
    }

    function expectEq(uint256 seen, uint256 expected, string memory what) internal pure {
        if (seen != expected) revert Unexpected(what, bytes32(seen), bytes32(expected));
    }

    function expectEq(address seen, address expected, string memory what) internal pure {
        expectEq(uint256(uint160(seen)), uint256(uint160(expected)), what);
    }

    function expectEq(bytes32 seen, bytes32 expected, string memory what) internal pure {
        expectEq(uint256(seen), uint256(expected), what);
    }

    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + value % (high - low + 1);
    }
}
