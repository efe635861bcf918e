// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../src/Poco.sol";

interface IDeals {
    function viewDeal(bytes32 id) external view returns (Deal memory);
}

/// What version 6.2 does differently, for a hub of version 6.1 to be cut over to: its packages are not published. It judges
/// tags and approvals as 6.2 does and nothing else, and moves no stake. Only for tests.
contract Facet62 {
    error IncompatibleDatasetOrder(string reason);
    error UnsupportedOperation(bytes4 selector);
    error OperationFailed();
    error CallerIsNotTheRequester();

    bytes32 private constant FRAMEWORKS = bytes32(uint256(0x0e));
    bytes32 private constant TEE = bytes32(uint256(1));

    /// The token's side and the escrow's are one facet.
    function transfer(address, uint256) external pure returns (bool) {
        revert("no tokens here");
    }

    function deposit(uint256) external pure returns (bool) {
        revert("failed-transferFrom");
    }

    /// Data is a call to make for the account that approved.
    function receiveApproval(address sender, uint256, address, bytes calldata data) external returns (bool) {
        if (data.length == 0) return true;
        bytes4 selector = bytes4(data[:4]);
        if (selector != this.matchOrders.selector) revert UnsupportedOperation(selector);
        (,,, RequestOrder memory request) =
            abi.decode(data[4:], (AppOrder, DatasetOrder, WorkerpoolOrder, RequestOrder));
        if (request.requester != sender) revert CallerIsNotTheRequester();
        (bool success, bytes memory result) = address(this).delegatecall(data);
        if (success) return true;
        if (result.length == 0) revert OperationFailed();
        assembly {
            revert(add(result, 32), mload(result))
        }
    }

    function matchOrders(
        AppOrder calldata app,
        DatasetOrder calldata dataset,
        WorkerpoolOrder calldata workerpool,
        RequestOrder calldata request
    ) external view returns (bytes32) {
        bytes32 tag = app.tag | (dataset.tag & ~FRAMEWORKS) | request.tag;
        require(tag & ~workerpool.tag == 0, "iExecV5-matchOrders-0x06");
        require((tag ^ app.tag) & TEE == 0, "iExecV5-matchOrders-0x07");
        require(app.app.code.length != 0);
        return tag;
    }

    function assertDatasetDealCompatibility(DatasetOrder calldata order, bytes32 id) external view {
        Deal memory deal = IDeals(address(this)).viewDeal(id);
        if (deal.requester == address(0)) revert IncompatibleDatasetOrder("Deal not found");
        bytes32 wanted = order.tag & ~FRAMEWORKS;
        if (deal.tag & wanted != wanted) revert IncompatibleDatasetOrder("Tag compatibility not satisfied");
    }
}
