// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface IWhitelistOwners {
    function ownerOf(uint256 whitelist) external view returns (address);
    function isAuthorized(address account, uint256 whitelist) external view returns (bool);
    function transferFrom(address from, address to, uint256 whitelist) external;
}

/// A group of apps that only grows: whoever restricts an order to it knows that no app can be taken out again.
/// Its owner is the owner of the registry's token of the same number. PoCo asks it as an ERC-734 group.
contract AddOnlyAppWhitelist {
    /// ERC-734's purpose "member of the group", as PoCo's order restrictions ask.
    uint256 private constant GROUP_MEMBER_PURPOSE = 4;

    // solhint-disable-next-line var-name-mixedcase
    IWhitelistOwners public immutable APP_WHITELIST_REGISTRY;

    mapping(bytes32 key => bool) private members;

    event NewAppAddedToAddOnlyAppWhitelist(address appAddress);

    error NotAddOnlyAppWhitelistOperator();

    modifier onlyOperator() {
        if (!APP_WHITELIST_REGISTRY.isAuthorized(msg.sender, tokenId())) revert NotAddOnlyAppWhitelistOperator();
        _;
    }

    /// Deployed by the registry and nobody else: the registry vouches for this code.
    constructor() {
        APP_WHITELIST_REGISTRY = IWhitelistOwners(msg.sender);
    }

    function addApp(address app) external onlyOperator {
        members[keyOf(app)] = true;
        emit NewAppAddedToAddOnlyAppWhitelist(app);
    }

    function transferOwnership(address newOwner) external onlyOperator {
        APP_WHITELIST_REGISTRY.transferFrom(owner(), newOwner, tokenId());
    }

    function isRegistered(address app) external view returns (bool) {
        return members[keyOf(app)];
    }

    function keyHasPurpose(bytes32 key, uint256 purpose) external view returns (bool) {
        return purpose == GROUP_MEMBER_PURPOSE && members[key];
    }

    function owner() public view returns (address) {
        return APP_WHITELIST_REGISTRY.ownerOf(tokenId());
    }

    function tokenId() private view returns (uint256) {
        return uint256(uint160(address(this)));
    }

    function keyOf(address app) private pure returns (bytes32) {
        return bytes32(uint256(uint160(app)));
    }
}
