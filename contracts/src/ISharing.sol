// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AddOnlyAppWhitelist} from "./AddOnlyAppWhitelist.sol";
import {WorkerpoolOrder} from "./Poco.sol";

/// The records, events and errors of sharing. Clients and indexes hold them: a change of a signature is a new contract.
interface ISharing {
    struct SubscriptionParams {
        uint72 price;
        uint40 duration; // zero: not offered
    }

    struct RentingParams {
        uint72 price;
        uint40 duration; // zero: not offered
    }

    struct SellingParams {
        bool isForSale;
        uint72 price;
    }

    struct ProtectedDataDetails {
        uint256 collection; // zero: in none
        AddOnlyAppWhitelist addOnlyAppWhitelist;
        uint48 lastRentalExpiration;
        bool inSubscription;
        RentingParams rentingParams;
        SellingParams sellingParams;
    }

    struct CollectionDetails {
        uint256 size;
        uint48 lastSubscriptionExpiration;
        SubscriptionParams subscriptionParams;
    }

    enum Mode {
        SUBSCRIPTION,
        RENTING
    }

    /// `oldCollection` or `newCollection` zero: the data came into sharing, or left it.
    event ProtectedDataTransfer(
        address protectedData, uint256 newCollection, uint256 oldCollection, address addOnlyAppWhitelist
    );
    event NewSubscriptionParams(uint256 collectionTokenId, SubscriptionParams subscriptionParams);
    event NewSubscription(uint256 collectionTokenId, address indexed subscriber, uint48 endDate);
    event ProtectedDataAddedForSubscription(uint256 collectionTokenId, address protectedData);
    event ProtectedDataRemovedFromSubscription(uint256 collectionTokenId, address protectedData);
    event ProtectedDataAddedForRenting(uint256 collectionTokenId, address protectedData, RentingParams rentingParams);
    event ProtectedDataRemovedFromRenting(uint256 collectionTokenId, address protectedData);
    event NewRental(uint256 collectionTokenId, address protectedData, address renter, uint48 endDate);
    event ProtectedDataAddedForSale(uint256 collectionTokenId, address protectedData, uint72 price);
    event ProtectedDataRemovedFromSale(uint256 collectionTokenId, address protectedData);
    event ProtectedDataSold(uint256 collectionTokenIdFrom, address to, address protectedData);
    event ProtectedDataConsumed(bytes32 dealId, address protectedData, Mode mode);

    error AppNotWhitelistedForProtectedData(address app);
    error CollectionNotEmpty(uint256 collectionTokenId);
    error DurationInvalid(uint48 duration);
    error EmptyCallData();
    error InvalidAppWhitelist(address appWhitelist);
    error InvalidPriceForPurchase(address protectedData, uint72 price);
    error InvalidRentingParams(address protectedData, RentingParams rentingParams);
    error InvalidSubscriptionParams(uint256 collectionTokenId, SubscriptionParams subscriptionParams);
    error NoValidRentalOrSubscription(uint256 collectionTokenId, address protectedData);
    error NotAnOwnerOrApprovedOperator();
    error NotCollectionOperator(uint256 collectionTokenId);
    error OnGoingCollectionSubscriptions(uint256 collectionTokenId);
    error OnlyPocoCallerAuthorized(address caller);
    error ProtectedDataAvailableForRenting(uint256 collectionTokenId, address protectedData);
    error ProtectedDataAvailableInSubscription(uint256 collectionTokenId, address protectedData);
    error ProtectedDataCurrentlyBeingRented(address protectedData);
    error ProtectedDataForSale(address protectedData);
    error ProtectedDataNotAvailableForRenting(address protectedData);
    error ProtectedDataNotForSale(address protectedData);
    error ProtectedDataNotInSubscription(uint256 collectionTokenId, address protectedData);
    error WorkerpoolOrderNotFree(WorkerpoolOrder workerpoolOrder);
    /// The payer's account on the hub holds too little, or allows this contract too little of it.
    error PaymentRefused(address payer, uint256 price);
    /// approveAndCall() pays for a subscription, a rental or a purchase, and for nothing else.
    error CallNotPayable(bytes4 selector);
    /// Sent here, such a token could never leave: protected data comes in by addProtectedDataToCollection().
    error TokenNotAccepted(address registry, uint256 tokenId);
}
