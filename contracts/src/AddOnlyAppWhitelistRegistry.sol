// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {AddOnlyAppWhitelist} from "./AddOnlyAppWhitelist.sol";

/// Creates white-lists and keeps who owns them: an ERC-721 collection whose token id is the white-list's address.
/// Each white-list is a full contract, not a minimal proxy: clients recognise a group by the selector in its bytecode.
contract AddOnlyAppWhitelistRegistry is ERC721 {
    uint256 private nextSalt;

    constructor()
        ERC721(
            "iExec DataProtectorSharing Application Whitelist Registry",
            "iExecDataProtectorSharingAddOnlyAppWhitelist"
        )
    {}

    function createAddOnlyAppWhitelist(address owner) external returns (AddOnlyAppWhitelist whitelist) {
        whitelist = new AddOnlyAppWhitelist{salt: printableSalt()}();
        _safeMint(owner, tokenIdOf(address(whitelist)));
    }

    /// May `account` manage the white-list? Its owner, whom the owner approved, and the white-list itself may.
    function isAuthorized(address account, uint256 whitelist) external view returns (bool) {
        return _isAuthorized(_requireOwned(whitelist), account, whitelist);
    }

    function _isAuthorized(address owner, address spender, uint256 tokenId) internal view override returns (bool) {
        return super._isAuthorized(owner, spender, tokenId) || tokenIdOf(spender) == tokenId;
    }

    /// A salt whose white-list has no leading zero byte in its address: a client that prints the token id as a number
    /// would lose that byte, and with it one white-list in 256.
    function printableSalt() private returns (bytes32 salt) {
        bytes32 codeHash = keccak256(type(AddOnlyAppWhitelist).creationCode);
        do {
            salt = bytes32(nextSalt++);
        } while (uint160(addressFrom(salt, codeHash)) >> 152 == 0);
    }

    function addressFrom(bytes32 salt, bytes32 codeHash) private view returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked(hex"ff", address(this), salt, codeHash)))));
    }

    function tokenIdOf(address whitelist) private pure returns (uint256) {
        return uint256(uint160(whitelist));
    }
}
