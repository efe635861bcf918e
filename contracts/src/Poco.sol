// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// What our contracts call of PoCo: orders, their management and matching, the stake ledger, deals and tasks.
// Layouts are those of the hub; the order of members decides selectors and hashes.

struct AppOrder {
    address app;
    uint256 appprice;
    uint256 volume;
    bytes32 tag;
    address datasetrestrict;
    address workerpoolrestrict;
    address requesterrestrict;
    bytes32 salt;
    bytes sign;
}

struct DatasetOrder {
    address dataset;
    uint256 datasetprice;
    uint256 volume;
    bytes32 tag;
    address apprestrict;
    address workerpoolrestrict;
    address requesterrestrict;
    bytes32 salt;
    bytes sign;
}

struct WorkerpoolOrder {
    address workerpool;
    uint256 workerpoolprice;
    uint256 volume;
    bytes32 tag;
    uint256 category;
    uint256 trust;
    address apprestrict;
    address datasetrestrict;
    address requesterrestrict;
    bytes32 salt;
    bytes sign;
}

struct RequestOrder {
    address app;
    uint256 appmaxprice;
    address dataset;
    uint256 datasetmaxprice;
    address workerpool;
    uint256 workerpoolmaxprice;
    address requester;
    uint256 volume;
    bytes32 tag;
    uint256 category;
    uint256 trust;
    address beneficiary;
    address callback;
    string params;
    bytes32 salt;
    bytes sign;
}

enum Operation {
    SIGN,
    CLOSE
}

struct AppOrderOperation {
    AppOrder order;
    Operation operation;
    bytes sign;
}

struct DatasetOrderOperation {
    DatasetOrder order;
    Operation operation;
    bytes sign;
}

struct RequestOrderOperation {
    RequestOrder order;
    Operation operation;
    bytes sign;
}

struct Resource {
    address pointer;
    address owner;
    uint256 price;
}

struct Deal {
    Resource app;
    Resource dataset;
    Resource workerpool;
    uint256 trust;
    uint256 category;
    bytes32 tag;
    address requester;
    address beneficiary;
    address callback;
    string params;
    uint256 startTime;
    uint256 botFirst;
    uint256 botSize;
    uint256 workerStake;
    uint256 schedulerRewardRatio;
    address sponsor;
}

enum TaskStatus {
    UNSET,
    ACTIVE,
    REVEALING,
    COMPLETED,
    FAILED
}

struct Task {
    TaskStatus status;
    bytes32 dealid;
    uint256 idx;
    uint256 timeref;
    uint256 contributionDeadline;
    uint256 revealDeadline;
    uint256 finalDeadline;
    bytes32 consensusValue;
    uint256 revealCounter;
    uint256 winnerCounter;
    address[] contributors;
    bytes32 resultDigest;
    bytes results;
    uint256 resultsTimestamp;
    bytes resultsCallback;
}

// The tag bit that demands a Trusted Execution Environment.
bytes32 constant TEE_TAG = bytes32(uint256(1));

interface IPocoOrders {
    function manageAppOrder(AppOrderOperation calldata operation) external;
    function manageDatasetOrder(DatasetOrderOperation calldata operation) external;
    function manageRequestOrder(RequestOrderOperation calldata operation) external;
    function broadcastDatasetOrder(DatasetOrder calldata order) external;
    function matchOrders(
        AppOrder calldata app,
        DatasetOrder calldata dataset,
        WorkerpoolOrder calldata workerpool,
        RequestOrder calldata request
    ) external returns (bytes32 dealId);
    function appregistry() external view returns (address);
}

/// The stake ledger: one unit is one nRLC.
interface IPocoAccounts {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

interface IPocoTasks {
    function viewDeal(bytes32 dealId) external view returns (Deal memory);
    function viewTask(bytes32 taskId) external view returns (Task memory);
    function resultFor(bytes32 taskId) external view returns (bytes memory);
}

interface IPoco is IPocoOrders, IPocoAccounts {}
