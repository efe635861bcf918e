// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// An ERC-1271 account that accepts exactly the digests it was told about. Only for tests.
contract ContractOwner {
    mapping(bytes32 => bool) private approved;

    function approve(bytes32 digest) external {
        approved[digest] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        require(approved[digest], "digest was not approved");
        return this.isValidSignature.selector;
    }
}
