// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {AddOnlyAppWhitelist} from "../src/AddOnlyAppWhitelist.sol";
import {DataProtectorSharing} from "../src/DataProtectorSharing.sol";
import {ISharing} from "../src/ISharing.sol";
import {WorkerpoolOrder} from "../src/Poco.sol";
import {SharingOrders} from "../src/SharingOrders.sol";
import {CannotReceive, Intruder} from "./Intruder.sol";
import {SharingFixture} from "./SharingFixture.sol";

/// Every reason for which a call is refused.
contract SharingRefusalsTest is SharingFixture {
    // Collections

    function test_onlyAnOperatorManagesACollection() public {
        bytes memory reason = abi.encodeWithSelector(ISharing.NotCollectionOperator.selector, collection);
        address other = newData(stranger);
        vm.startPrank(stranger);
        refuse(reason);
        sharing.addProtectedDataToCollection(collection, other, whitelist);
        refuse(reason);
        sharing.removeProtectedDataFromCollection(data);
        refuse(reason);
        sharing.setSubscriptionParams(collection, subscriptionOf(0, 1));
        refuse(reason);
        sharing.setProtectedDataToSubscription(data);
        refuse(reason);
        sharing.removeProtectedDataFromSubscription(data);
        refuse(reason);
        sharing.setProtectedDataToRenting(data, rentingOf(0, 1));
        refuse(reason);
        sharing.removeProtectedDataFromRenting(data);
        refuse(reason);
        sharing.setProtectedDataForSale(data, 0);
        refuse(reason);
        sharing.removeProtectedDataForSale(data);
        refuse(abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, stranger, collection));
        sharing.burn(collection);
        vm.stopPrank();
    }

    function test_aCollectionThatIsNotThere() public {
        bytes memory reason = abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 99);
        vm.startPrank(owner);
        refuse(reason);
        sharing.addProtectedDataToCollection(99, data, whitelist);
        refuse(reason);
        sharing.burn(99);
        refuse(
            abi.encodeWithSelector(ISharing.InvalidSubscriptionParams.selector, 99, subscriptionOf(0, 0))
        );
        sharing.subscribeToCollection(99, subscriptionOf(0, 0));
        vm.stopPrank();
    }

    function test_dataInNoCollectionIsNobodys() public {
        address free = newData(owner);
        bytes memory nobody = abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 0);
        vm.startPrank(owner);
        refuse(nobody);
        sharing.removeProtectedDataFromCollection(free);
        refuse(nobody);
        sharing.setProtectedDataToRenting(free, rentingOf(0, 1));
        refuse(nobody);
        sharing.setProtectedDataForSale(free, 0);
        refuse(nobody);
        sharing.setProtectedDataToSubscription(free);
        vm.stopPrank();
    }

    function test_onlyTheOwnerOfDataAddsIt() public {
        address other = newData(stranger);
        vm.prank(stranger);
        datasets.setApprovalForAll(address(sharing), true);
        refuse(abi.encodeWithSelector(ISharing.NotAnOwnerOrApprovedOperator.selector));
        vm.prank(owner);
        sharing.addProtectedDataToCollection(collection, other, whitelist);
    }

    function test_dataInACollectionIsNotAddedAgain() public {
        uint256 second = sharing.createCollection(owner);
        refuse(abi.encodeWithSelector(ISharing.NotAnOwnerOrApprovedOperator.selector));
        vm.prank(owner);
        sharing.addProtectedDataToCollection(second, data, whitelist);
    }

    function test_dataTheContractMayNotMoveStays() public {
        address kept = newData(owner);
        refuse("ERC721: transfer caller is not owner nor approved");
        vm.prank(owner);
        sharing.addProtectedDataToCollection(collection, kept, whitelist);
    }

    function test_aWhitelistNobodyVouchesForIsRefused() public {
        address more = newData(owner);
        AddOnlyAppWhitelist own = new AddOnlyAppWhitelist();
        vm.startPrank(owner);
        datasets.approve(address(sharing), uint160(more));
        refuse(abi.encodeWithSelector(ISharing.InvalidAppWhitelist.selector, own));
        sharing.addProtectedDataToCollection(collection, more, own);
        refuse(abi.encodeWithSelector(ISharing.InvalidAppWhitelist.selector, address(0)));
        sharing.addProtectedDataToCollection(collection, more, AddOnlyAppWhitelist(address(0)));
        vm.stopPrank();
    }

    function test_aCollectionWithDataOrSubscribersStays() public {
        refuse(abi.encodeWithSelector(ISharing.CollectionNotEmpty.selector, collection));
        vm.prank(owner);
        sharing.burn(collection);
        vm.startPrank(owner);
        sharing.removeProtectedDataFromCollection(data);
        sharing.setSubscriptionParams(collection, subscriptionOf(PRICE, DURATION));
        vm.stopPrank();
        uint48 end = subscribeAs(customer);
        refuse(abi.encodeWithSelector(ISharing.OnGoingCollectionSubscriptions.selector, collection));
        vm.prank(owner);
        sharing.burn(collection);
        vm.warp(end + 1);
        vm.prank(owner);
        sharing.burn(collection);
    }

    function test_theContractNeverOwnsACollection() public {
        refuse(abi.encodeWithSelector(IERC721Errors.ERC721InvalidReceiver.selector, address(sharing)));
        vm.prank(owner);
        sharing.transferFrom(owner, address(sharing), collection);
        refuse(abi.encodeWithSelector(IERC721Errors.ERC721InvalidReceiver.selector, address(sharing)));
        sharing.createCollection(address(sharing));
    }

    function test_onlyAppsAreSentToTheContract() public {
        address loose = newData(owner);
        refuse(abi.encodeWithSelector(ISharing.TokenNotAccepted.selector, datasets, uint160(loose)));
        vm.prank(owner);
        datasets.safeTransferFrom(owner, address(sharing), uint160(loose));
    }

    // Paid access holds

    function test_rentedDataStays() public {
        offerForRent();
        uint48 end = rentAs(customer);
        vm.warp(end);
        vm.startPrank(owner);
        bytes memory reason = abi.encodeWithSelector(ISharing.ProtectedDataCurrentlyBeingRented.selector, data);
        refuse(reason);
        sharing.removeProtectedDataFromCollection(data);
        sharing.removeProtectedDataFromRenting(data);
        refuse(reason);
        sharing.setProtectedDataForSale(data, 0);
        vm.warp(end + 1);
        sharing.setProtectedDataForSale(data, 0);
        sharing.removeProtectedDataFromCollection(data);
        vm.stopPrank();
    }

    function test_subscribedDataStays() public {
        offerSubscription();
        uint48 end = subscribeAs(customer);
        vm.warp(end);
        vm.startPrank(owner);
        bytes memory reason =
            abi.encodeWithSelector(ISharing.OnGoingCollectionSubscriptions.selector, collection);
        refuse(reason);
        sharing.removeProtectedDataFromCollection(data);
        refuse(reason);
        sharing.removeProtectedDataFromSubscription(data);
        vm.warp(end + 1);
        sharing.removeProtectedDataFromSubscription(data);
        vm.stopPrank();
    }

    // Offers

    function test_rentingNeedsADuration() public {
        refuse(abi.encodeWithSelector(ISharing.DurationInvalid.selector, 0));
        vm.prank(owner);
        sharing.setProtectedDataToRenting(data, rentingOf(PRICE, 0));
    }

    function test_dataForSaleIsOfferedInNoOtherWay() public {
        offerForSale();
        bytes memory reason = abi.encodeWithSelector(ISharing.ProtectedDataForSale.selector, data);
        vm.startPrank(owner);
        refuse(reason);
        sharing.setProtectedDataToRenting(data, rentingOf(PRICE, DURATION));
        refuse(reason);
        sharing.setProtectedDataToSubscription(data);
        vm.stopPrank();
    }

    function test_dataOfferedOtherwiseIsNotForSale() public {
        offerForRent();
        refuse(
            abi.encodeWithSelector(ISharing.ProtectedDataAvailableForRenting.selector, collection, data)
        );
        vm.prank(owner);
        sharing.setProtectedDataForSale(data, PRICE);
        vm.prank(owner);
        sharing.removeProtectedDataFromRenting(data);
        offerSubscription();
        refuse(
            abi.encodeWithSelector(ISharing.ProtectedDataAvailableInSubscription.selector, collection, data)
        );
        vm.prank(owner);
        sharing.setProtectedDataForSale(data, PRICE);
    }

    function test_whatIsNotOfferedIsNotTakenBack() public {
        vm.startPrank(owner);
        refuse(abi.encodeWithSelector(ISharing.ProtectedDataNotAvailableForRenting.selector, data));
        sharing.removeProtectedDataFromRenting(data);
        refuse(abi.encodeWithSelector(ISharing.ProtectedDataNotForSale.selector, data));
        sharing.removeProtectedDataForSale(data);
        refuse(abi.encodeWithSelector(ISharing.ProtectedDataNotInSubscription.selector, collection, data));
        sharing.removeProtectedDataFromSubscription(data);
        vm.stopPrank();
    }

    // Payments

    function test_onlyTheOfferedRentalIsSold() public {
        refuse(abi.encodeWithSelector(ISharing.ProtectedDataNotAvailableForRenting.selector, data));
        sharing.rentProtectedData(data, rentingOf(0, 0));
        offerForRent();
        for (uint256 i = 0; i < 2; ++i) {
            ISharing.RentingParams memory wrong =
                i == 0 ? rentingOf(PRICE - 1, DURATION) : rentingOf(PRICE, DURATION - 1);
            refuse(abi.encodeWithSelector(ISharing.InvalidRentingParams.selector, data, wrong));
            sharing.rentProtectedData(data, wrong);
        }
    }

    function test_onlyTheOfferedSubscriptionIsSold() public {
        ISharing.SubscriptionParams memory wrong = subscriptionOf(0, 0);
        refuse(abi.encodeWithSelector(ISharing.InvalidSubscriptionParams.selector, collection, wrong));
        sharing.subscribeToCollection(collection, wrong);
        offerSubscription();
        for (uint256 i = 0; i < 2; ++i) {
            wrong = i == 0 ? subscriptionOf(PRICE - 1, DURATION) : subscriptionOf(PRICE, DURATION - 1);
            refuse(abi.encodeWithSelector(ISharing.InvalidSubscriptionParams.selector, collection, wrong));
            sharing.subscribeToCollection(collection, wrong);
        }
    }

    function test_onlyAtTheAskedPriceIsDataSold() public {
        refuse(abi.encodeWithSelector(ISharing.ProtectedDataNotForSale.selector, data));
        sharing.buyProtectedData(data, customer, 0);
        offerForSale();
        refuse(abi.encodeWithSelector(ISharing.InvalidPriceForPurchase.selector, data, PRICE - 1));
        sharing.buyProtectedData(data, customer, PRICE - 1);
    }

    function test_whoCannotPayGetsNothing() public {
        offerForRent();
        bytes memory reason = abi.encodeWithSelector(ISharing.PaymentRefused.selector, customer, PRICE);
        refuse(reason);
        vm.prank(customer);
        sharing.rentProtectedData(data, rentingOf(PRICE, DURATION));
        address poor = address(0xBAD);
        allow(poor, PRICE);
        refuse(abi.encodeWithSelector(ISharing.PaymentRefused.selector, poor, PRICE));
        vm.prank(poor);
        sharing.rentProtectedData(data, rentingOf(PRICE, DURATION));
        bytes memory call = abi.encodeCall(sharing.rentProtectedData, (data, rentingOf(PRICE, DURATION)));
        refuse(reason);
        vm.prank(customer);
        hub.approveAndCall(address(sharing), PRICE - 1, call);
    }

    function test_onlyTheHubSpeaksForAPayer() public {
        offerForRent();
        allow(customer, PRICE);
        bytes memory call = abi.encodeCall(sharing.rentProtectedData, (data, rentingOf(PRICE, DURATION)));
        refuse(abi.encodeWithSelector(ISharing.OnlyPocoCallerAuthorized.selector, stranger));
        vm.prank(stranger);
        sharing.receiveApproval(customer, PRICE, address(hub), call);
    }

    function test_approveAndCallPaysForThreeThingsOnly() public {
        vm.startPrank(customer);
        refuse(abi.encodeWithSelector(ISharing.EmptyCallData.selector));
        hub.approveAndCall(address(sharing), PRICE, "");
        refuse(
            abi.encodeWithSelector(
                ISharing.CallNotPayable.selector, DataProtectorSharing.createCollection.selector
            )
        );
        hub.approveAndCall(address(sharing), PRICE, abi.encodeCall(sharing.createCollection, (customer)));
        vm.stopPrank();
    }

    function test_dataIsNotSoldToWhoCannotHoldIt() public {
        offerForSale();
        allow(customer, PRICE);
        address hole = address(new CannotReceive());
        refuse("ERC721: transfer to non ERC721Receiver implementer");
        vm.prank(customer);
        sharing.buyProtectedData(data, hole, PRICE);
        refuse(abi.encodeWithSelector(ISharing.TokenNotAccepted.selector, datasets, uint160(data)));
        vm.prank(customer);
        sharing.buyProtectedData(data, address(sharing), PRICE);
    }

    function test_aBuyerCannotComeInAgain() public {
        vm.prank(owner);
        sharing.setProtectedDataForSale(data, 0);
        Intruder intruder = new Intruder(sharing);
        bytes memory buy = abi.encodeCall(sharing.buyProtectedData, (data, address(intruder), 0));
        refuse(abi.encodeWithSignature("ReentrancyGuardReentrantCall()"));
        intruder.attack(buy, buy);
        intruder.attack(buy, abi.encodeCall(sharing.ownerOf, (collection)));
        expectEq(datasets.ownerOf(uint160(data)), address(intruder), "owner of the data");
    }

    // Consumption

    function test_onlyRentersAndSubscribersConsume() public {
        offerSubscription();
        WorkerpoolOrder memory order = poolOrder(SCONE_TAG);
        bytes memory reason =
            abi.encodeWithSelector(ISharing.NoValidRentalOrSubscription.selector, collection, data);
        refuse(reason);
        vm.prank(stranger);
        sharing.consumeProtectedData(data, order, app);
        refuse(reason);
        vm.prank(owner);
        sharing.consumeProtectedData(data, order, app);
        subscribeAs(customer);
        address outside = newDataIn(collection);
        refuse(abi.encodeWithSelector(ISharing.NoValidRentalOrSubscription.selector, collection, outside));
        vm.prank(customer);
        sharing.consumeProtectedData(outside, order, app);
    }

    function test_onlyFreePoolsWork() public {
        offerForRent();
        rentAs(customer);
        WorkerpoolOrder memory order = poolOrder(SCONE_TAG);
        order.workerpoolprice = 1;
        refuse(abi.encodeWithSelector(ISharing.WorkerpoolOrderNotFree.selector, order));
        vm.prank(customer);
        sharing.consumeProtectedData(data, order, app);
    }

    function test_onlyWhitelistedAppsOfTheContractAreUsed() public {
        offerForRent();
        rentAs(customer);
        WorkerpoolOrder memory order = poolOrder(SCONE_TAG);
        address other = newApp(owner);
        vm.prank(customer);
        refuse(abi.encodeWithSelector(ISharing.AppNotWhitelistedForProtectedData.selector, other));
        sharing.consumeProtectedData(data, order, other);
        vm.prank(owner);
        whitelist.addApp(other);
        vm.prank(customer);
        refuse(abi.encodeWithSelector(SharingOrders.AppNotOwnedBySharing.selector, other));
        sharing.consumeProtectedData(data, order, other);
        vm.prank(owner);
        whitelist.addApp(address(0xDEAD));
        vm.prank(customer);
        refuse(abi.encodeWithSelector(SharingOrders.AppNotOwnedBySharing.selector, address(0xDEAD)));
        sharing.consumeProtectedData(data, order, address(0xDEAD));
    }

    function test_aPoolWithoutTeeIsRefusedByTheHub() public {
        offerForRent();
        rentAs(customer);
        WorkerpoolOrder memory order = poolOrder(0);
        refuse("iExecV5-matchOrders-0x06");
        vm.prank(customer);
        sharing.consumeProtectedData(data, order, app);
    }
}
