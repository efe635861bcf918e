// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AppOrder,
    AppOrderOperation,
    DatasetOrder,
    DatasetOrderOperation,
    IPoco,
    Operation,
    RequestOrder,
    RequestOrderOperation,
    TEE_TAG,
    WorkerpoolOrder
} from "./Poco.sol";

interface IOwned {
    function owner() external view returns (address);
}

/// The orders a sharing contract makes: it owns apps and protected data and is itself the requester, so it presigns all
/// three on the hub. Every one is free and usable by this contract alone, hence only in a match it made itself.
abstract contract SharingOrders {
    /// Results are encrypted for the beneficiary, who is the consumer.
    string private constant PARAMS = '{"iexec_result_encryption":true,"iexec_result_storage_provider":"ipfs"}';

    bytes32 private constant TDX = bytes32(uint256(0x8));

    IPoco internal immutable HUB;

    mapping(address app => bool) private appOrderSigned;
    uint256 private requests;

    /// Only an app that was given to this contract can be used: its owner could not withdraw it or raise its price.
    error AppNotOwnedBySharing(address app);

    constructor(IPoco hub) {
        HUB = hub;
    }

    /// The standing order of protected data in a collection: any number of uses, by apps of its white-list, in a TEE.
    function datasetOrderOf(address protectedData, address whitelist) internal view returns (DatasetOrder memory order) {
        order.dataset = protectedData;
        order.volume = type(uint256).max;
        order.tag = TEE_TAG;
        order.apprestrict = whitelist;
        order.requesterrestrict = address(this);
    }

    function signDatasetOrder(DatasetOrder memory order) internal {
        HUB.manageDatasetOrder(DatasetOrderOperation({order: order, operation: Operation.SIGN, sign: ""}));
    }

    /// One task on the protected data for `consumer`. The body of the dataset order goes into the log of the match, because a
    /// key service must see it and the transaction's calldata does not carry it.
    function matchFor(
        address consumer,
        DatasetOrder memory datasetOrder,
        WorkerpoolOrder calldata workerpoolOrder,
        address app
    ) internal returns (bytes32 dealId) {
        AppOrder memory appOrder = signedAppOrder(app);
        RequestOrder memory request = signedRequest(consumer, datasetOrder.dataset, workerpoolOrder, app);
        HUB.broadcastDatasetOrder(datasetOrder);
        return HUB.matchOrders(appOrder, datasetOrder, workerpoolOrder, request);
    }

    function signedAppOrder(address app) private returns (AppOrder memory order) {
        order.app = app;
        order.volume = type(uint256).max;
        order.tag = TEE_TAG;
        order.requesterrestrict = address(this);
        if (appOrderSigned[app]) return order;
        if (app.code.length == 0 || IOwned(app).owner() != address(this)) revert AppNotOwnedBySharing(app);
        appOrderSigned[app] = true;
        HUB.manageAppOrder(AppOrderOperation({order: order, operation: Operation.SIGN, sign: ""}));
    }

    function signedRequest(
        address consumer,
        address protectedData,
        WorkerpoolOrder calldata workerpoolOrder,
        address app
    ) private returns (RequestOrder memory order) {
        order.app = app;
        order.dataset = protectedData;
        order.workerpool = workerpoolOrder.workerpool;
        order.requester = address(this);
        order.volume = 1;
        // A pool that offers TDX has to use it. Clients older than TDX only ask for pools with an SGX tag: there the deal
        // leaves the framework open, and what may run is for the evidence and the key service's policy to say.
        order.tag = TEE_TAG | (workerpoolOrder.tag & TDX);
        order.category = workerpoolOrder.category;
        order.beneficiary = consumer;
        order.params = PARAMS;
        order.salt = bytes32(requests++);
        HUB.manageRequestOrder(RequestOrderOperation({order: order, operation: Operation.SIGN, sign: ""}));
    }
}
