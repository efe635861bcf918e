// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// An ERC-734 group as PoCo's order restrictions ask it: purpose 4 means "member". Only for tests.
contract Group {
    mapping(bytes32 => bool) private members;

    constructor(address[] memory accounts) {
        for (uint256 i = 0; i < accounts.length; ++i) members[bytes32(uint256(uint160(accounts[i])))] = true;
    }

    function keyHasPurpose(bytes32 key, uint256 purpose) external view returns (bool) {
        return purpose == 4 && members[key];
    }
}
