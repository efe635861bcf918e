// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721Burnable} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721Burnable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {AddOnlyAppWhitelist} from "./AddOnlyAppWhitelist.sol";
import {AddOnlyAppWhitelistRegistry} from "./AddOnlyAppWhitelistRegistry.sol";
import {ISharing} from "./ISharing.sol";
import {IPoco, WorkerpoolOrder} from "./Poco.sol";
import {SharingOrders} from "./SharingOrders.sol";

/// Collections of protected data that others rent, subscribe to or buy. A collection is an ERC-721 token; its owner and
/// those the owner approved manage it. Data in a collection belongs to this contract until it is taken out or sold.
/// Prices are nRLC and go from the payer's account on the hub straight to the collection owner's: this contract never
/// holds money, has no administrator and cannot be upgraded. Durations are seconds; an end date is the last second.
contract DataProtectorSharing is ISharing, ERC721Burnable, IERC721Receiver, ReentrancyGuardTransient, SharingOrders {
    // solhint-disable-next-line var-name-mixedcase
    AddOnlyAppWhitelistRegistry public immutable ADD_ONLY_APP_WHITELIST_REGISTRY;
    IERC721 private immutable DATASETS;

    mapping(address protectedData => ProtectedDataDetails) public protectedDataDetails;
    mapping(uint256 collectionTokenId => CollectionDetails) public collectionDetails;

    uint256 private lastCollection;
    mapping(address protectedData => mapping(address renter => uint48 endDate)) private rentals;
    mapping(uint256 collectionTokenId => mapping(address subscriber => uint48 endDate)) private subscriptions;

    constructor(IPoco hub, IERC721 datasets, AddOnlyAppWhitelistRegistry whitelists)
        ERC721("iExec DataProtectorSharing", "iExecDataProtectorSharing")
        SharingOrders(hub)
    {
        DATASETS = datasets;
        ADD_ONLY_APP_WHITELIST_REGISTRY = whitelists;
    }

    modifier onlyCollectionOperator(uint256 collection) {
        checkCollectionOperator(collection);
        _;
    }

    /// Data in no collection has no operator.
    modifier onlyOperatorOf(address protectedData) {
        checkCollectionOperator(protectedDataDetails[protectedData].collection);
        _;
    }

    // Collections

    function createCollection(address to) external returns (uint256 collection) {
        collection = ++lastCollection;
        _safeMint(to, collection);
    }

    /// Moves protected data of the caller, who approved this contract on the dataset registry, into a collection. Only apps of
    /// `whitelist` will ever process it there.
    function addProtectedDataToCollection(uint256 collection, address protectedData, AddOnlyAppWhitelist whitelist)
        external
        nonReentrant
        onlyCollectionOperator(collection)
    {
        address owner = checkedDataOwner(protectedData);
        if (!isWhitelist(whitelist)) revert InvalidAppWhitelist(address(whitelist));

        ProtectedDataDetails storage details = protectedDataDetails[protectedData];
        details.collection = collection;
        details.addOnlyAppWhitelist = whitelist;
        collectionDetails[collection].size += 1;

        DATASETS.transferFrom(owner, address(this), tokenIdOf(protectedData));
        signDatasetOrder(datasetOrderOf(protectedData, address(whitelist)));
        emit ProtectedDataTransfer(protectedData, collection, 0, address(whitelist));
    }

    /// Gives the data back to the owner of the collection, whoever asks. Not while somebody pays for access to it.
    function removeProtectedDataFromCollection(address protectedData)
        external
        nonReentrant
        onlyOperatorOf(protectedData)
    {
        uint256 collection = protectedDataDetails[protectedData].collection;
        checkNotSubscribed(collection);
        checkNotRented(protectedData);

        forget(protectedData, collection);
        DATASETS.transferFrom(address(this), ownerOf(collection), tokenIdOf(protectedData));
        emit ProtectedDataTransfer(protectedData, 0, collection, address(0));
    }

    // Subscriptions

    /// The offer to new subscribers; a duration of zero withdraws it. Running subscriptions stay as they are.
    function setSubscriptionParams(uint256 collection, SubscriptionParams calldata params)
        external
        onlyCollectionOperator(collection)
    {
        collectionDetails[collection].subscriptionParams = params;
        emit NewSubscriptionParams(collection, params);
    }

    function setProtectedDataToSubscription(address protectedData) external onlyOperatorOf(protectedData) {
        ProtectedDataDetails storage details = protectedDataDetails[protectedData];
        checkNotForSale(protectedData);

        details.inSubscription = true;
        emit ProtectedDataAddedForSubscription(details.collection, protectedData);
    }

    function removeProtectedDataFromSubscription(address protectedData) external onlyOperatorOf(protectedData) {
        ProtectedDataDetails storage details = protectedDataDetails[protectedData];
        if (!details.inSubscription) revert ProtectedDataNotInSubscription(details.collection, protectedData);
        checkNotSubscribed(details.collection);

        details.inSubscription = false;
        emit ProtectedDataRemovedFromSubscription(details.collection, protectedData);
    }

    function subscribeToCollection(uint256 collection, SubscriptionParams memory params)
        external
        nonReentrant
        returns (uint48 endDate)
    {
        return subscribe(msg.sender, collection, params);
    }

    // Renting

    /// The offer to new renters. Running rentals stay as they are.
    function setProtectedDataToRenting(address protectedData, RentingParams calldata params)
        external
        onlyOperatorOf(protectedData)
    {
        if (params.duration == 0) revert DurationInvalid(0);
        ProtectedDataDetails storage details = protectedDataDetails[protectedData];
        checkNotForSale(protectedData);

        details.rentingParams = params;
        emit ProtectedDataAddedForRenting(details.collection, protectedData, params);
    }

    function removeProtectedDataFromRenting(address protectedData) external onlyOperatorOf(protectedData) {
        ProtectedDataDetails storage details = protectedDataDetails[protectedData];
        if (details.rentingParams.duration == 0) revert ProtectedDataNotAvailableForRenting(protectedData);

        delete details.rentingParams;
        emit ProtectedDataRemovedFromRenting(details.collection, protectedData);
    }

    function rentProtectedData(address protectedData, RentingParams memory params)
        external
        nonReentrant
        returns (uint48 endDate)
    {
        return rent(msg.sender, protectedData, params);
    }

    // Sale

    /// Data that anybody rents, or that is offered for rent or in the subscription, cannot be sold.
    function setProtectedDataForSale(address protectedData, uint72 price) external onlyOperatorOf(protectedData) {
        ProtectedDataDetails storage details = protectedDataDetails[protectedData];
        checkNotRented(protectedData);
        if (details.inSubscription) revert ProtectedDataAvailableInSubscription(details.collection, protectedData);
        if (details.rentingParams.duration != 0) {
            revert ProtectedDataAvailableForRenting(details.collection, protectedData);
        }

        details.sellingParams = SellingParams({isForSale: true, price: price});
        emit ProtectedDataAddedForSale(details.collection, protectedData, price);
    }

    function removeProtectedDataForSale(address protectedData) external onlyOperatorOf(protectedData) {
        ProtectedDataDetails storage details = protectedDataDetails[protectedData];
        checkForSale(protectedData);

        delete details.sellingParams;
        emit ProtectedDataRemovedFromSale(details.collection, protectedData);
    }

    /// The data leaves its collection and belongs to `to`.
    function buyProtectedData(address protectedData, address to, uint72 price) external nonReentrant {
        buy(msg.sender, protectedData, to, price);
    }

    // Use

    /// One task of a white-listed app on data the caller rents or is subscribed to; the result is encrypted for the caller.
    /// The pool works for nothing: a price would be this contract's to pay, and a refund this contract's to keep.
    function consumeProtectedData(address protectedData, WorkerpoolOrder calldata workerpoolOrder, address app)
        external
        nonReentrant
        returns (bytes32 dealId)
    {
        if (workerpoolOrder.workerpoolprice != 0) revert WorkerpoolOrderNotFree(workerpoolOrder);
        Mode mode = accessOf(msg.sender, protectedData);
        AddOnlyAppWhitelist whitelist = protectedDataDetails[protectedData].addOnlyAppWhitelist;
        if (!whitelist.isRegistered(app)) revert AppNotWhitelistedForProtectedData(app);

        dealId = matchFor(msg.sender, datasetOrderOf(protectedData, address(whitelist)), workerpoolOrder, app);
        emit ProtectedDataConsumed(dealId, protectedData, mode);
    }

    /// The hub's approveAndCall(): pays and takes what `data`, calldata of one of our three payable calls, asks for.
    function receiveApproval(address payer, uint256, address, bytes calldata data) external nonReentrant returns (bool) {
        if (msg.sender != address(HUB)) revert OnlyPocoCallerAuthorized(msg.sender);
        if (data.length < 4) revert EmptyCallData();
        bytes4 selector = bytes4(data[:4]);
        if (selector == this.subscribeToCollection.selector) {
            (uint256 collection, SubscriptionParams memory params) = abi.decode(data[4:], (uint256, SubscriptionParams));
            subscribe(payer, collection, params);
        } else if (selector == this.rentProtectedData.selector) {
            (address protectedData, RentingParams memory params) = abi.decode(data[4:], (address, RentingParams));
            rent(payer, protectedData, params);
        } else if (selector == this.buyProtectedData.selector) {
            (address protectedData, address to, uint72 price) = abi.decode(data[4:], (address, address, uint72));
            buy(payer, protectedData, to, price);
        } else {
            revert CallNotPayable(selector);
        }
        return true;
    }

    /// Apps are given to this contract this way, for good. Anything else is refused.
    function onERC721Received(address, address, uint256 tokenId, bytes calldata) external view returns (bytes4) {
        if (msg.sender != HUB.appregistry()) revert TokenNotAccepted(msg.sender, tokenId);
        return this.onERC721Received.selector;
    }

    function getProtectedDataRenter(address protectedData, address renter) external view returns (uint48 endDate) {
        return rentals[protectedData][renter];
    }

    function getCollectionSubscriber(uint256 collection, address subscriber) external view returns (uint48 endDate) {
        return subscriptions[collection][subscriber];
    }

    // Payments: effects first, then the hub moves the money, then a token may leave.

    function subscribe(address payer, uint256 collection, SubscriptionParams memory params)
        private
        returns (uint48 endDate)
    {
        CollectionDetails storage details = collectionDetails[collection];
        SubscriptionParams memory offer = details.subscriptionParams;
        if (offer.duration == 0 || offer.duration != params.duration || offer.price != params.price) {
            revert InvalidSubscriptionParams(collection, params);
        }

        endDate = later(subscriptions[collection][payer], endAfter(offer.duration));
        subscriptions[collection][payer] = endDate;
        details.lastSubscriptionExpiration = later(details.lastSubscriptionExpiration, endDate);

        pay(payer, collection, offer.price);
        emit NewSubscription(collection, payer, endDate);
    }

    function rent(address payer, address protectedData, RentingParams memory params) private returns (uint48 endDate) {
        ProtectedDataDetails storage details = protectedDataDetails[protectedData];
        RentingParams memory offer = details.rentingParams;
        if (offer.duration == 0) revert ProtectedDataNotAvailableForRenting(protectedData);
        if (offer.duration != params.duration || offer.price != params.price) {
            revert InvalidRentingParams(protectedData, params);
        }

        endDate = later(rentals[protectedData][payer], endAfter(offer.duration));
        rentals[protectedData][payer] = endDate;
        details.lastRentalExpiration = later(details.lastRentalExpiration, endDate);

        pay(payer, details.collection, offer.price);
        emit NewRental(details.collection, protectedData, payer, endDate);
    }

    function buy(address payer, address protectedData, address to, uint72 price) private {
        checkForSale(protectedData);
        ProtectedDataDetails storage details = protectedDataDetails[protectedData];
        if (details.sellingParams.price != price) revert InvalidPriceForPurchase(protectedData, price);
        uint256 collection = details.collection;

        forget(protectedData, collection);
        pay(payer, collection, price);
        DATASETS.safeTransferFrom(address(this), to, tokenIdOf(protectedData));
        emit ProtectedDataTransfer(protectedData, 0, collection, address(0));
        emit ProtectedDataSold(collection, to, protectedData);
    }

    function pay(address payer, uint256 collection, uint256 price) private {
        if (price == 0) return;
        try HUB.transferFrom(payer, ownerOf(collection), price) returns (bool paid) {
            if (paid) return;
        } catch {}
        revert PaymentRefused(payer, price);
    }

    /// What somebody paid for stays: renting again never shortens a rental.
    function later(uint48 one, uint48 other) private pure returns (uint48) {
        return one > other ? one : other;
    }

    function endAfter(uint40 duration) private view returns (uint48) {
        return uint48(block.timestamp) + duration;
    }

    function forget(address protectedData, uint256 collection) private {
        delete protectedDataDetails[protectedData];
        collectionDetails[collection].size -= 1;
    }

    // Checks

    function checkCollectionOperator(uint256 collection) private view {
        if (!_isAuthorized(ownerOf(collection), msg.sender, collection)) revert NotCollectionOperator(collection);
    }

    /// The owner of protected data that the caller may move.
    function checkedDataOwner(address protectedData) private view returns (address owner) {
        uint256 tokenId = tokenIdOf(protectedData);
        owner = DATASETS.ownerOf(tokenId);
        if (
            msg.sender != owner && DATASETS.getApproved(tokenId) != msg.sender
                && !DATASETS.isApprovedForAll(owner, msg.sender)
        ) revert NotAnOwnerOrApprovedOperator();
    }

    function isWhitelist(AddOnlyAppWhitelist whitelist) private view returns (bool) {
        try ADD_ONLY_APP_WHITELIST_REGISTRY.ownerOf(tokenIdOf(address(whitelist))) {
            return true;
        } catch {
            return false;
        }
    }

    function accessOf(address consumer, address protectedData) private view returns (Mode) {
        ProtectedDataDetails storage details = protectedDataDetails[protectedData];
        if (isRunning(rentals[protectedData][consumer])) return Mode.RENTING;
        if (details.inSubscription && isRunning(subscriptions[details.collection][consumer])) return Mode.SUBSCRIPTION;
        revert NoValidRentalOrSubscription(details.collection, protectedData);
    }

    function isRunning(uint48 endDate) private view returns (bool) {
        return endDate >= block.timestamp;
    }

    function checkNotSubscribed(uint256 collection) private view {
        if (isRunning(collectionDetails[collection].lastSubscriptionExpiration)) {
            revert OnGoingCollectionSubscriptions(collection);
        }
    }

    function checkNotRented(address protectedData) private view {
        if (isRunning(protectedDataDetails[protectedData].lastRentalExpiration)) {
            revert ProtectedDataCurrentlyBeingRented(protectedData);
        }
    }

    function checkForSale(address protectedData) private view {
        if (!protectedDataDetails[protectedData].sellingParams.isForSale) revert ProtectedDataNotForSale(protectedData);
    }

    function checkNotForSale(address protectedData) private view {
        if (protectedDataDetails[protectedData].sellingParams.isForSale) revert ProtectedDataForSale(protectedData);
    }

    function tokenIdOf(address entry) private pure returns (uint256) {
        return uint256(uint160(entry));
    }

    /// A collection is burned only empty and unsubscribed, and is never owned by this contract, where nobody could manage it.
    function _update(address to, uint256 collection, address auth) internal override returns (address from) {
        from = super._update(to, collection, auth);
        if (to == address(this)) revert ERC721InvalidReceiver(to);
        if (to == address(0)) retire(collection);
    }

    function retire(uint256 collection) private {
        if (collectionDetails[collection].size != 0) revert CollectionNotEmpty(collection);
        checkNotSubscribed(collection);
        delete collectionDetails[collection];
    }
}
