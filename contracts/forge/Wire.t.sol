// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AddOnlyAppWhitelist} from "../src/AddOnlyAppWhitelist.sol";
import {AddOnlyAppWhitelistRegistry} from "../src/AddOnlyAppWhitelistRegistry.sol";
import {DataProtector} from "../src/DataProtector.sol";
import {DataProtectorSharing} from "../src/DataProtectorSharing.sol";
import {ISharing} from "../src/ISharing.sol";
import {Test} from "./Test.sol";

/// The published interface that existing clients hold: every selector, topic and error they know.
contract WireTest is Test {
    function test_selectorsOfSharing() public pure {
        same(DataProtectorSharing.createCollection.selector, 0x2069e953);
        same(bytes4(keccak256("burn(uint256)")), 0x42966c68);
        same(DataProtectorSharing.addProtectedDataToCollection.selector, 0x40e6158d);
        same(DataProtectorSharing.removeProtectedDataFromCollection.selector, 0xd0b06c66);
        same(DataProtectorSharing.setSubscriptionParams.selector, 0xff19d9df);
        same(DataProtectorSharing.setProtectedDataToSubscription.selector, 0xfe4c31a4);
        same(DataProtectorSharing.removeProtectedDataFromSubscription.selector, 0x72d570ce);
        same(DataProtectorSharing.subscribeToCollection.selector, 0xd3c52389);
        same(DataProtectorSharing.setProtectedDataToRenting.selector, 0xff811f60);
        same(DataProtectorSharing.removeProtectedDataFromRenting.selector, 0x185e4e8d);
        same(DataProtectorSharing.rentProtectedData.selector, 0x9a82c2bd);
        same(DataProtectorSharing.setProtectedDataForSale.selector, 0xdc30b8fc);
        same(DataProtectorSharing.removeProtectedDataForSale.selector, 0x01d0b634);
        same(DataProtectorSharing.buyProtectedData.selector, 0x53574f9e);
        same(DataProtectorSharing.consumeProtectedData.selector, 0xd835c337);
        same(DataProtectorSharing.receiveApproval.selector, 0x8f4ffcb1);
        same(DataProtectorSharing.getCollectionSubscriber.selector, 0xc3533ba2);
        same(DataProtectorSharing.getProtectedDataRenter.selector, bytes4(keccak256("getProtectedDataRenter(address,address)")));
        same(DataProtectorSharing.onERC721Received.selector, 0x150b7a02);
        same(bytes4(keccak256("protectedDataDetails(address)")), 0x328cb1f7);
        same(bytes4(keccak256("collectionDetails(uint256)")), 0xdfe0bc11);
        same(bytes4(keccak256("ADD_ONLY_APP_WHITELIST_REGISTRY()")), 0x4afecaff);
    }

    function test_selectorsOfCoreAndWhitelists() public pure {
        same(DataProtector.createDatasetWithSchema.selector, 0x167fbf5f);
        same(AddOnlyAppWhitelist.keyHasPurpose.selector, 0xd202158d);
        same(AddOnlyAppWhitelist.addApp.selector, bytes4(keccak256("addApp(address)")));
        same(AddOnlyAppWhitelist.isRegistered.selector, 0xc3c5a547);
        same(AddOnlyAppWhitelist.owner.selector, 0x8da5cb5b);
        same(AddOnlyAppWhitelist.transferOwnership.selector, 0xf2fde38b);
        same(
            AddOnlyAppWhitelistRegistry.createAddOnlyAppWhitelist.selector,
            bytes4(keccak256("createAddOnlyAppWhitelist(address)"))
        );
    }

    function test_topics() public pure {
        topic(DataProtector.DatasetSchema.selector, 0x37b19b8900a9b045473748167f459fa16828f33c13d71473bca4b5e52e5f4d5d);
        topic(ISharing.NewRental.selector, 0xe2d5d453d44004623a821ef386e026d37fccbac3f56cef0cb5918cab5c11dc88);
        topic(ISharing.NewSubscription.selector, 0x2366234d2d402efc07153c0d03fc5ec74a9ef5496e1accadc4b1aaf51d7f73b9);
        topic(
            ISharing.NewSubscriptionParams.selector,
            0xd33315cb494162d759f3ab7d813be7d0a6e0e70f717fc31c258f84a729004f78
        );
        topic(
            ISharing.ProtectedDataAddedForRenting.selector,
            0x796fca2de82b5272091ddfd0ab5d10f279e96eb8f47150d0f63f8411399b32ac
        );
        topic(
            ISharing.ProtectedDataAddedForSale.selector,
            0xec81370602852d2a562027f306877d179384b7df480e4f2c68d233de886cfd92
        );
        topic(
            ISharing.ProtectedDataAddedForSubscription.selector,
            0x806e162c7ef4165a275b5df55317f9f7be1e2bb257c6cc87fbbb0fabb6b2f97b
        );
        topic(
            ISharing.ProtectedDataConsumed.selector,
            0x09bb563d4351a41cfcb2e1a9e3caabd85077d013afa5ef5b60cd460c56f7ff12
        );
        topic(
            ISharing.ProtectedDataRemovedFromRenting.selector,
            0xb76a4377a20c8298064cd897c0095e802f478ccb93d1150d391a2dd268d7e5fb
        );
        topic(
            ISharing.ProtectedDataRemovedFromSale.selector,
            0x3fb0561a34a824ad00e49427875f49120aeba57a15999baef5fbae14e664d972
        );
        topic(
            ISharing.ProtectedDataRemovedFromSubscription.selector,
            0x619bc890d3c88741caaba887a528d314fe6fa1c2ba35730eb1db180c8bdc1757
        );
        topic(
            ISharing.ProtectedDataSold.selector,
            0x39e9de3f8fb17aa9d0e1df99a67605205f5e86d0ac765ee0299fb8ea4f2baa21
        );
        topic(
            ISharing.ProtectedDataTransfer.selector,
            0x701e4990df91f34f0c6e42c039715e077aa32f81af006f9f5e8165cbda0fdddd
        );
        topic(
            AddOnlyAppWhitelist.NewAppAddedToAddOnlyAppWhitelist.selector,
            0xf4ef25a4fef731446d3e674bcf3bd90bba639303a0b8f40a21401bf5cf8a19bd
        );
    }

    function test_errors() public pure {
        same(AddOnlyAppWhitelist.NotAddOnlyAppWhitelistOperator.selector, 0xd0c8b1ce);
        same(ISharing.AppNotWhitelistedForProtectedData.selector, 0x8092b6d1);
        same(ISharing.CollectionNotEmpty.selector, 0x86acf7fd);
        same(ISharing.DurationInvalid.selector, 0x2a94078b);
        same(ISharing.EmptyCallData.selector, 0xf83e0d84);
        same(ISharing.InvalidAppWhitelist.selector, 0x3bd8e34c);
        same(ISharing.InvalidPriceForPurchase.selector, 0x0154d424);
        same(ISharing.InvalidRentingParams.selector, 0x46aa9515);
        same(ISharing.InvalidSubscriptionParams.selector, 0x4883c9c6);
        same(ISharing.NoValidRentalOrSubscription.selector, 0x0e39d6b3);
        same(ISharing.NotAnOwnerOrApprovedOperator.selector, 0xede508e5);
        same(ISharing.NotCollectionOperator.selector, 0x73ed0187);
        same(ISharing.OnGoingCollectionSubscriptions.selector, 0x95dc4dee);
        same(ISharing.OnlyPocoCallerAuthorized.selector, 0xca41b301);
        same(ISharing.ProtectedDataAvailableForRenting.selector, 0x79a647c4);
        same(ISharing.ProtectedDataAvailableInSubscription.selector, 0x2478d876);
        same(ISharing.ProtectedDataCurrentlyBeingRented.selector, 0xfc891e36);
        same(ISharing.ProtectedDataForSale.selector, 0x978f8174);
        same(ISharing.ProtectedDataNotAvailableForRenting.selector, 0x288c030a);
        same(ISharing.ProtectedDataNotForSale.selector, 0x46bb405d);
        same(ISharing.WorkerpoolOrderNotFree.selector, 0x85461e9b);
    }

    function same(bytes4 ours, bytes4 published) private pure {
        expectEq(bytes32(ours), bytes32(published), "selector");
    }

    function topic(bytes32 ours, bytes32 published) private pure {
        expectEq(ours, published, "topic");
    }
}
