// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ISharing} from "../src/ISharing.sol";
import {Deal, TEE_TAG, WorkerpoolOrder} from "../src/Poco.sol";
import {SharingFixture} from "./SharingFixture.sol";

/// What each call does when it may.
contract SharingTest is SharingFixture {
    event ProtectedDataTransfer(address protectedData, uint256 newCollection, uint256 oldCollection, address whitelist);
    event NewRental(uint256 collectionTokenId, address protectedData, address renter, uint48 endDate);
    event ProtectedDataSold(uint256 collectionTokenIdFrom, address to, address protectedData);

    function test_addedDataBelongsToTheContractAndIsCounted() public view {
        expectEq(datasets.ownerOf(uint160(data)), address(sharing), "owner of the data");
        expectEq(collectionOf(data), collection, "collection");
        expectEq(sizeOf(collection), 1, "size");
    }

    function test_removedDataGoesToTheOwnerOfTheCollectionWhoeverAsks() public {
        vm.prank(owner);
        sharing.approve(stranger, collection);
        vm.expectEmit(true, true, true, true, address(sharing));
        emit ProtectedDataTransfer(data, 0, collection, address(0));
        vm.prank(stranger);
        sharing.removeProtectedDataFromCollection(data);
        expectEq(datasets.ownerOf(uint160(data)), owner, "owner of the data");
        expectEq(collectionOf(data), 0, "collection");
        expectEq(sizeOf(collection), 0, "size");
    }

    function test_anEmptyCollectionIsBurned() public {
        vm.startPrank(owner);
        sharing.removeProtectedDataFromCollection(data);
        sharing.burn(collection);
        vm.stopPrank();
        refuse(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, collection));
        sharing.ownerOf(collection);
    }

    function test_rentPaysTheOwnerAndGivesAccessUntilTheEnd() public {
        offerForRent();
        allow(customer, PRICE);
        vm.expectEmit(true, true, true, true, address(sharing));
        emit NewRental(collection, data, customer, uint48(block.timestamp) + DURATION);
        vm.prank(customer);
        uint48 end = sharing.rentProtectedData(data, rentingOf(PRICE, DURATION));
        expectEq(end, block.timestamp + DURATION, "end");
        expectEq(sharing.getProtectedDataRenter(data, customer), end, "renter");
        expectEq(hub.balanceOf(owner), PRICE, "earnings");
        vm.warp(end);
        consumeAs(customer);
        vm.warp(end + 1);
        WorkerpoolOrder memory order = poolOrder(SCONE_TAG);
        refuse(abi.encodeWithSelector(ISharing.NoValidRentalOrSubscription.selector, collection, data));
        vm.prank(customer);
        sharing.consumeProtectedData(data, order, app);
    }

    function test_rentingAgainNeverShortensARental() public {
        offerForRent();
        uint48 end = rentAs(customer);
        vm.prank(owner);
        sharing.setProtectedDataToRenting(data, rentingOf(0, 1));
        vm.prank(customer);
        expectEq(sharing.rentProtectedData(data, rentingOf(0, 1)), end, "end of the longer rental");
    }

    function test_subscribingAgainNeverShortensASubscription() public {
        offerSubscription();
        uint48 end = subscribeAs(customer);
        vm.prank(owner);
        sharing.setSubscriptionParams(collection, subscriptionOf(0, 1));
        vm.prank(customer);
        expectEq(sharing.subscribeToCollection(collection, subscriptionOf(0, 1)), end, "end of the longer subscription");
        expectEq(sharing.getCollectionSubscriber(collection, customer), end, "subscriber");
    }

    function test_aRentalOutlivesItsOffer() public {
        offerForRent();
        rentAs(customer);
        vm.prank(owner);
        sharing.removeProtectedDataFromRenting(data);
        consumeAs(customer);
    }

    function test_earningsAreWithdrawnFromTheHub() public {
        offerForRent();
        rentAs(customer);
        vm.prank(owner);
        hub.withdraw(PRICE);
        expectEq(rlc.balanceOf(owner), PRICE, "RLC of the owner");
        expectEq(rlc.balanceOf(address(sharing)), 0, "RLC of the contract");
        expectEq(hub.viewAccount(address(sharing)).stake, 0, "stake of the contract");
    }

    function test_approveAndCallRents() public {
        offerForRent();
        bytes memory call = abi.encodeCall(sharing.rentProtectedData, (data, rentingOf(PRICE, DURATION)));
        vm.prank(customer);
        hub.approveAndCall(address(sharing), PRICE, call);
        expectEq(sharing.getProtectedDataRenter(data, customer), block.timestamp + DURATION, "renter");
        expectEq(hub.allowance(customer, address(sharing)), 0, "allowance left");
    }

    function test_approveAndCallSubscribes() public {
        offerSubscription();
        bytes memory call = abi.encodeCall(sharing.subscribeToCollection, (collection, subscriptionOf(PRICE, DURATION)));
        vm.prank(customer);
        hub.approveAndCall(address(sharing), PRICE, call);
        expectEq(sharing.getCollectionSubscriber(collection, customer), block.timestamp + DURATION, "subscriber");
    }

    function test_approveAndCallBuys() public {
        offerForSale();
        bytes memory call = abi.encodeCall(sharing.buyProtectedData, (data, customer, PRICE));
        vm.prank(customer);
        hub.approveAndCall(address(sharing), PRICE, call);
        expectEq(datasets.ownerOf(uint160(data)), customer, "owner of the data");
    }

    function test_soldDataLeavesItsCollection() public {
        offerForSale();
        allow(customer, PRICE);
        vm.expectEmit(true, true, true, true, address(sharing));
        emit ProtectedDataTransfer(data, 0, collection, address(0));
        vm.expectEmit(true, true, true, true, address(sharing));
        emit ProtectedDataSold(collection, stranger, data);
        vm.prank(customer);
        sharing.buyProtectedData(data, stranger, PRICE);
        expectEq(datasets.ownerOf(uint160(data)), stranger, "owner of the data");
        expectEq(hub.balanceOf(owner), PRICE, "earnings");
        expectEq(collectionOf(data), 0, "collection");
        expectEq(sizeOf(collection), 0, "size");
    }

    function test_boughtDataMayJoinAnotherCollection() public {
        offerForSale();
        allow(customer, PRICE);
        uint256 mine = sharing.createCollection(customer);
        vm.startPrank(customer);
        sharing.buyProtectedData(data, customer, PRICE);
        datasets.approve(address(sharing), uint160(data));
        sharing.addProtectedDataToCollection(mine, data, whitelist);
        vm.stopPrank();
        expectEq(collectionOf(data), mine, "collection");
    }

    function test_consumptionIsADealOfTheContractForTheConsumer() public {
        offerSubscription();
        subscribeAs(customer);
        bytes32 dealId = consumeAs(customer);
        Deal memory deal = hub.viewDeal(dealId);
        expectEq(deal.app.pointer, app, "app");
        expectEq(deal.dataset.pointer, data, "dataset");
        expectEq(deal.requester, address(sharing), "requester");
        expectEq(deal.beneficiary, customer, "beneficiary");
        expectEq(deal.botSize, 1, "volume");
        expectEq(deal.tag, TEE_TAG, "tag");
        expectEq(deal.app.price + deal.dataset.price + deal.workerpool.price, 0, "price");
        expectEq(
            keccak256(bytes(deal.params)),
            keccak256('{"iexec_result_encryption":true,"iexec_result_storage_provider":"ipfs"}'),
            "params"
        );
    }

    function test_tdxIsAskedForWhereThePoolOffersIt() public {
        offerForRent();
        rentAs(customer);
        for (uint256 pool = 1; pool < 16; pool += 2) {
            WorkerpoolOrder memory order = poolOrder(bytes32(pool | 0x100));
            vm.prank(customer);
            bytes32 tag = hub.viewDeal(sharing.consumeProtectedData(data, order, app)).tag;
            expectEq(tag, TEE_TAG | bytes32(pool & 8), "tag of the deal");
        }
    }

    function test_theSameDataIsConsumedTwiceInOneBlock() public {
        offerForRent();
        rentAs(customer);
        expect(consumeAs(customer) != consumeAs(customer), "two consumptions are two deals");
    }

    function test_aCollectionChangesHandsWithItsEarnings() public {
        offerForRent();
        vm.prank(owner);
        sharing.transferFrom(owner, stranger, collection);
        uint256 before = hub.balanceOf(stranger);
        rentAs(customer);
        expectEq(hub.balanceOf(stranger), before + PRICE, "earnings");
    }

    function test_anAppIsAddedToAWhitelistLater() public {
        offerForRent();
        rentAs(customer);
        app = newSharedApp(whitelist);
        consumeAs(customer);
    }

    function testFuzz_accessEndsWhenItWasPaidFor(uint72 price, uint40 duration, uint40 wait) public {
        duration = uint40(bound(duration, 1, type(uint40).max));
        price = uint72(bound(price, 0, 1_000_000));
        vm.prank(owner);
        sharing.setProtectedDataToRenting(data, rentingOf(price, duration));
        allow(customer, price);
        vm.prank(customer);
        uint48 end = sharing.rentProtectedData(data, rentingOf(price, duration));
        expectEq(end, block.timestamp + duration, "end");
        expectEq(hub.balanceOf(owner), price, "earnings");
        expectEq(hub.balanceOf(customer), 1_000_000 - price, "account of the renter");
        vm.warp(block.timestamp + wait);
        WorkerpoolOrder memory order = poolOrder(SCONE_TAG);
        if (block.timestamp > end) {
            refuse(abi.encodeWithSelector(ISharing.NoValidRentalOrSubscription.selector, collection, data));
        }
        vm.prank(customer);
        sharing.consumeProtectedData(data, order, app);
    }
}
