// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Deal, IPocoTasks, TEE_TAG, Task, TaskStatus} from "./Poco.sol";

/// Base of contracts that use the results of tasks (ERC-1154). Anyone can make a deal whose callback is your contract, with
/// any app, so a result says nothing by itself: this base passes on only results of an app, a workerpool and a requester
/// that were named when it was deployed, computed in a TEE, and each task's only once.
///
/// The hub gives a callback a fixed amount of gas (100,000 by default) and forgets a call that failed. The checks take about
/// 60,000 of it, and 2,100 more for each 32 bytes of the deal's params beyond 200. So onResult() should store little, and a
/// result that was not taken can be brought later by fetchResult().
abstract contract TaskCallback {
    /// Whom to believe. None may be zero: a contract that believes anybody must say so by overriding trusts().
    struct Trust {
        address app; // what computed the result
        address workerpool; // who ran it
        address requester; // who chose its arguments
    }

    // solhint-disable-next-line var-name-mixedcase
    IPocoTasks public immutable HUB;
    address public immutable trustedApp;
    address public immutable trustedWorkerpool;
    address public immutable trustedRequester;

    mapping(bytes32 taskId => bool) public isDelivered;

    error AlreadyDelivered(bytes32 taskId);
    error DealNotTrusted(bytes32 dealId);
    error IncompleteTrust();
    error NotForThisContract(bytes32 taskId, address callback);
    error NotTheHub(address caller);
    error NotTheResult(bytes32 taskId);

    constructor(IPocoTasks hub, Trust memory trust) {
        if (trust.app == address(0) || trust.workerpool == address(0) || trust.requester == address(0)) {
            revert IncompleteTrust();
        }
        HUB = hub;
        trustedApp = trust.app;
        trustedWorkerpool = trust.workerpool;
        trustedRequester = trust.requester;
    }

    /// ERC-1154: the hub's call, in the transaction that completes the task.
    function receiveResult(bytes32 taskId, bytes calldata result) external {
        if (msg.sender != address(HUB)) revert NotTheHub(msg.sender);
        deliver(taskId, result);
    }

    /// Takes the result of a completed task from the hub. Anyone may call it: all checks are the same.
    function fetchResult(bytes32 taskId) external {
        deliver(taskId, HUB.resultFor(taskId));
    }

    /// What the contract does with a result. A revert refuses it, and it may be brought again.
    function onResult(bytes32 taskId, Deal memory deal, bytes memory result) internal virtual;

    /// May results of this deal be used? An override widens or narrows the trust of the constructor.
    function trusts(Deal memory deal) internal view virtual returns (bool) {
        return deal.app.pointer == trustedApp && deal.workerpool.pointer == trustedWorkerpool
            && deal.requester == trustedRequester && deal.tag & TEE_TAG != 0;
    }

    function deliver(bytes32 taskId, bytes memory result) private {
        if (isDelivered[taskId]) revert AlreadyDelivered(taskId);
        Task memory task = HUB.viewTask(taskId);
        if (task.status != TaskStatus.COMPLETED || keccak256(result) != task.resultDigest) revert NotTheResult(taskId);
        Deal memory deal = HUB.viewDeal(task.dealid);
        if (deal.callback != address(this)) revert NotForThisContract(taskId, deal.callback);
        if (!trusts(deal)) revert DealNotTrusted(task.dealid);

        isDelivered[taskId] = true;
        onResult(taskId, deal, result);
    }
}
