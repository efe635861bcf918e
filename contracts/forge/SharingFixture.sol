// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AddOnlyAppWhitelist} from "../src/AddOnlyAppWhitelist.sol";
import {ISharing} from "../src/ISharing.sol";
import {WorkerpoolOrder} from "../src/Poco.sol";
import {PocoFixture} from "./PocoFixture.sol";

/// One collection of `owner` with one protected data in it, a white-list with one app, and two people with money.
abstract contract SharingFixture is PocoFixture {
    address internal constant owner = address(0xA11CE);
    address internal constant customer = address(0xB0B);
    address internal constant stranger = address(0xE7E);
    uint72 internal constant PRICE = 1_000;
    uint40 internal constant DURATION = 1 days;
    bytes32 internal constant SCONE_TAG = bytes32(uint256(3));

    uint256 internal collection;
    address internal data;
    address internal app;
    AddOnlyAppWhitelist internal whitelist;

    function setUp() public virtual override {
        super.setUp();
        fund(customer, 1_000_000);
        fund(stranger, 1_000_000);
        collection = sharing.createCollection(owner);
        whitelist = whitelists.createAddOnlyAppWhitelist(owner);
        app = newSharedApp(whitelist);
        data = newDataIn(collection);
    }

    /// An app that its developer gave to the sharing contract, and that the white-list names.
    function newSharedApp(AddOnlyAppWhitelist list) internal returns (address given) {
        given = newApp(owner);
        vm.startPrank(owner);
        apps.safeTransferFrom(owner, address(sharing), uint160(given));
        list.addApp(given);
        vm.stopPrank();
    }

    function newDataIn(uint256 into) internal returns (address added) {
        added = newData(owner);
        vm.startPrank(owner);
        datasets.approve(address(sharing), uint160(added));
        sharing.addProtectedDataToCollection(into, added, whitelist);
        vm.stopPrank();
    }

    function rentingOf(uint72 price, uint40 duration) internal pure returns (ISharing.RentingParams memory) {
        return ISharing.RentingParams(price, duration);
    }

    function subscriptionOf(uint72 price, uint40 duration)
        internal
        pure
        returns (ISharing.SubscriptionParams memory)
    {
        return ISharing.SubscriptionParams(price, duration);
    }

    function offerForRent() internal {
        vm.prank(owner);
        sharing.setProtectedDataToRenting(data, rentingOf(PRICE, DURATION));
    }

    function offerForSale() internal {
        vm.prank(owner);
        sharing.setProtectedDataForSale(data, PRICE);
    }

    function offerSubscription() internal {
        vm.startPrank(owner);
        sharing.setSubscriptionParams(collection, subscriptionOf(PRICE, DURATION));
        sharing.setProtectedDataToSubscription(data);
        vm.stopPrank();
    }

    function allow(address payer, uint256 amount) internal {
        vm.prank(payer);
        hub.approve(address(sharing), amount);
    }

    function rentAs(address renter) internal returns (uint48) {
        allow(renter, PRICE);
        vm.prank(renter);
        return sharing.rentProtectedData(data, rentingOf(PRICE, DURATION));
    }

    function subscribeAs(address subscriber) internal returns (uint48) {
        allow(subscriber, PRICE);
        vm.prank(subscriber);
        return sharing.subscribeToCollection(collection, subscriptionOf(PRICE, DURATION));
    }

    function consumeAs(address consumer) internal returns (bytes32) {
        WorkerpoolOrder memory order = poolOrder(SCONE_TAG);
        vm.prank(consumer);
        return sharing.consumeProtectedData(data, order, app);
    }

    function collectionOf(address protectedData) internal view returns (uint256 in_) {
        (in_,,,,,) = sharing.protectedDataDetails(protectedData);
    }

    function sizeOf(uint256 of_) internal view returns (uint256 size) {
        (size,,) = sharing.collectionDetails(of_);
    }

    function refuse(bytes memory reason) internal {
        vm.expectRevert(reason);
    }
}
