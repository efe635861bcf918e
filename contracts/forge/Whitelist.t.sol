// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {AddOnlyAppWhitelist} from "../src/AddOnlyAppWhitelist.sol";
import {AddOnlyAppWhitelistRegistry} from "../src/AddOnlyAppWhitelistRegistry.sol";
import {Test} from "./Test.sol";

contract WhitelistTest is Test {
    address private constant owner = address(0xA11CE);
    address private constant other = address(0xB0B);
    address private constant app = address(0xA44);

    AddOnlyAppWhitelistRegistry private registry;
    AddOnlyAppWhitelist private whitelist;

    function setUp() public {
        registry = new AddOnlyAppWhitelistRegistry();
        whitelist = registry.createAddOnlyAppWhitelist(owner);
    }

    function test_membersAnswerAsAGroup() public {
        expect(!whitelist.isRegistered(app), "an app nobody added");
        vm.prank(owner);
        whitelist.addApp(app);
        expect(whitelist.isRegistered(app), "an added app");
        bytes32 key = bytes32(uint256(uint160(app)));
        expect(whitelist.keyHasPurpose(key, 4), "a member");
        expect(!whitelist.keyHasPurpose(key, 1), "a manager");
        expect(!whitelist.keyHasPurpose(0, 4), "nobody");
    }

    function test_onlyOperatorsAdd() public {
        vm.prank(other);
        vm.expectRevert(abi.encodeWithSelector(AddOnlyAppWhitelist.NotAddOnlyAppWhitelistOperator.selector));
        whitelist.addApp(app);
        vm.prank(owner);
        registry.approve(other, uint160(address(whitelist)));
        vm.prank(other);
        whitelist.addApp(app);
    }

    function test_ownershipIsTheTokensOwner() public {
        vm.prank(other);
        vm.expectRevert(abi.encodeWithSelector(AddOnlyAppWhitelist.NotAddOnlyAppWhitelistOperator.selector));
        whitelist.transferOwnership(other);
        vm.prank(owner);
        whitelist.transferOwnership(other);
        expectEq(whitelist.owner(), other, "owner");
        expectEq(registry.ownerOf(uint160(address(whitelist))), other, "owner of the token");
        vm.prank(other);
        registry.transferFrom(other, owner, uint160(address(whitelist)));
        expectEq(whitelist.owner(), owner, "owner again");
    }

    function test_unknownWhitelistsHaveNoOperators() public {
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 1));
        registry.isAuthorized(owner, 1);
    }

    /// Clients take a contract for a group when its bytecode holds the selector of keyHasPurpose.
    function test_theSelectorIsInTheBytecode() public view {
        bytes memory code = address(whitelist).code;
        bool found = false;
        for (uint256 i = 0; i + 4 <= code.length && !found; ++i) {
            found = code[i] == 0xd2 && code[i + 1] == 0x02 && code[i + 2] == 0x15 && code[i + 3] == 0x8d;
        }
        expect(found, "selector of keyHasPurpose in the bytecode");
    }

    /// One address in 256 begins with a zero byte; 600 white-lists would have one with a chance of nine in ten.
    function test_addressesSurviveBeingPrintedAsNumbers() public {
        for (uint256 i = 0; i < 600; ++i) {
            expect(uint160(address(registry.createAddOnlyAppWhitelist(owner))) >> 152 != 0, "a leading zero byte");
        }
    }
}
