// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The one call of the PoCo dataset registry this contract needs.
interface IDatasetRegistry {
    function createDataset(address owner, string calldata name, bytes calldata multiaddr, bytes32 checksum)
        external
        returns (address);
}

/// Registers protected data: a PoCo dataset plus the schema of what is inside it.
/// The schema lives only in the event log; the dataset entry is the registry's and belongs to `owner` from the start.
/// This contract holds nothing, owns nothing and has no administrator.
contract DataProtector {
    IDatasetRegistry public immutable registry;

    event DatasetSchema(address indexed dataset, string schema);

    /// The registry has no code at this address: a wrong constructor argument.
    error NotARegistry(address registry);

    constructor(IDatasetRegistry registry_) {
        if (address(registry_).code.length == 0) revert NotARegistry(address(registry_));
        registry = registry_;
    }

    /// Creates the dataset entry for `owner` and publishes its schema. Anyone may call it for any owner, as with the
    /// registry itself; a second call with the same arguments reverts, because the entry's address derives from them.
    function createDatasetWithSchema(
        address owner,
        string calldata name,
        string calldata schema,
        bytes calldata multiaddr,
        bytes32 checksum
    ) external returns (address dataset) {
        dataset = registry.createDataset(owner, name, multiaddr, checksum);
        emit DatasetSchema(dataset, schema);
    }
}
