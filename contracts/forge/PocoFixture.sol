// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {AddOnlyAppWhitelistRegistry} from "../src/AddOnlyAppWhitelistRegistry.sol";
import {DataProtectorSharing} from "../src/DataProtectorSharing.sol";
import {IPoco, IPocoTasks, Operation, WorkerpoolOrder} from "../src/Poco.sol";
import {Test} from "./Test.sol";

struct FacetCut {
    address facet;
    uint8 action;
    bytes4[] selectors;
}

struct DiamondArguments {
    address owner;
    address init;
    bytes initCalldata;
}

struct WorkerpoolOrderOperation {
    WorkerpoolOrder order;
    Operation operation;
    bytes sign;
}

struct Account {
    uint256 stake;
    uint256 locked;
}

interface IRegistry is IERC721 {
    function initialize(address previous) external;
    function createApp(address, string calldata, string calldata, bytes calldata, bytes32, bytes calldata)
        external
        returns (address);
    function createDataset(address, string calldata, bytes calldata, bytes32) external returns (address);
    function createWorkerpool(address, string calldata) external returns (address);
}

interface IHub is IPoco, IPocoTasks {
    function diamondCut(FacetCut[] calldata cuts, address init, bytes calldata data) external;
    function configure(address, string calldata, string calldata, uint8, address, address, address, address) external;
    function createCategory(string calldata, string calldata, uint256) external returns (uint256);
    function depositFor(uint256 amount, address account) external returns (bool);
    function withdraw(uint256 amount) external returns (bool);
    function approve(address spender, uint256 amount) external returns (bool);
    function approveAndCall(address spender, uint256 amount, bytes calldata data) external returns (bool);
    function allowance(address owner, address spender) external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
    function viewAccount(address account) external view returns (Account memory);
    function manageWorkerpoolOrder(WorkerpoolOrderOperation calldata operation) external;
    function initialize(bytes32 dealId, uint256 index) external returns (bytes32 taskId);
    function contributeAndFinalize(
        bytes32 taskId,
        bytes32 digest,
        bytes calldata results,
        bytes calldata resultsCallback,
        address enclaveChallenge,
        bytes calldata enclaveSign,
        bytes calldata authorizationSign
    ) external;
    function callbackgas() external view returns (uint256);
}

interface IToken {
    function approve(address spender, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
}

/// A real PoCo hub, from the bytecode that deployments use, with our contracts beside it and one free workerpool.
abstract contract PocoFixture is Test {
    IHub internal hub;
    IToken internal rlc;
    IRegistry internal apps;
    IRegistry internal datasets;
    IRegistry internal workerpools;
    AddOnlyAppWhitelistRegistry internal whitelists;
    DataProtectorSharing internal sharing;

    address internal constant poolOwner = address(0x9001);
    address internal workerpool;
    uint256 private created;

    function setUp() public virtual {
        string memory artifacts = vm.readFile(vm.envString("POCO_ARTIFACTS"));
        rlc = IToken(create(artifacts, "RLC", ""));
        hub = IHub(deployHub(artifacts));
        apps = deployRegistry(artifacts, "AppRegistry");
        datasets = deployRegistry(artifacts, "DatasetRegistry");
        workerpools = deployRegistry(artifacts, "WorkerpoolRegistry");
        hub.configure(
            address(rlc), "Staked RLC", "SRLC", 9, address(apps), address(datasets), address(workerpools), address(0)
        );
        hub.createCategory("XS", "", 300);
        rlc.approve(address(hub), type(uint256).max);
        whitelists = new AddOnlyAppWhitelistRegistry();
        sharing = new DataProtectorSharing(hub, datasets, whitelists);
        workerpool = workerpools.createWorkerpool(poolOwner, "free");
    }

    function fund(address account, uint256 amount) internal {
        hub.depositFor(amount, account);
    }

    function newApp(address owner) internal returns (address) {
        return apps.createApp(owner, vm.toString(++created), "DOCKER", "image", bytes32(0), "");
    }

    function newData(address owner) internal returns (address) {
        return datasets.createDataset(owner, vm.toString(++created), "multiaddr", bytes32(created));
    }

    /// A signed order of the free workerpool: any number of tasks, TEE with the framework of `tag`.
    function poolOrder(bytes32 tag) internal returns (WorkerpoolOrder memory order) {
        order.workerpool = workerpool;
        order.volume = type(uint256).max;
        order.tag = tag;
        presign(order, poolOwner);
    }

    function presign(WorkerpoolOrder memory order, address owner) internal {
        vm.prank(owner);
        hub.manageWorkerpoolOrder(WorkerpoolOrderOperation({order: order, operation: Operation.SIGN, sign: ""}));
    }

    function deployHub(string memory artifacts) private returns (address diamond) {
        address init = create(artifacts, "DiamondInit", "");
        FacetCut[] memory birth = cutsOf(artifacts, "diamondFacets", address(0));
        diamond = create(
            artifacts, "Diamond", abi.encode(birth, DiamondArguments(address(this), init, abi.encodeWithSignature("init()")))
        );
        address library_ = create(artifacts, "IexecLibOrders_v5", "");
        IHub(diamond).diamondCut(cutsOf(artifacts, "facets", library_), address(0), "");
    }

    function deployRegistry(string memory artifacts, string memory name) private returns (IRegistry registry) {
        registry = IRegistry(create(artifacts, name, ""));
        registry.initialize(address(0));
    }

    function cutsOf(string memory artifacts, string memory list, address library_)
        private
        returns (FacetCut[] memory cuts)
    {
        string[] memory names = vm.parseJsonStringArray(artifacts, string.concat(".", list));
        cuts = new FacetCut[](names.length);
        for (uint256 i = 0; i < names.length; ++i) {
            bytes memory code = linked(artifacts, names[i], library_);
            cuts[i] = FacetCut(create(code), 0, selectorsOf(artifacts, names[i]));
        }
    }

    function selectorsOf(string memory artifacts, string memory name) private pure returns (bytes4[] memory selectors) {
        bytes[] memory raw = vm.parseJsonBytesArray(artifacts, string.concat(".contracts.", name, ".selectors"));
        selectors = new bytes4[](raw.length);
        for (uint256 i = 0; i < raw.length; ++i) selectors[i] = bytes4(raw[i]);
    }

    function linked(string memory artifacts, string memory name, address library_) private view returns (bytes memory code) {
        string memory contract_ = string.concat(".contracts.", name);
        code = vm.parseJsonBytes(artifacts, string.concat(contract_, ".bytecode"));
        string memory links = string.concat(contract_, ".links");
        if (!vm.keyExistsJson(artifacts, links)) return code;
        uint256[] memory places = vm.parseJsonUintArray(artifacts, links);
        for (uint256 i = 0; i < places.length; ++i) {
            for (uint256 k = 0; k < 20; ++k) code[places[i] + k] = bytes20(library_)[k];
        }
    }

    function create(string memory artifacts, string memory name, bytes memory arguments) private returns (address) {
        return create(bytes.concat(linked(artifacts, name, address(0)), arguments));
    }

    function create(bytes memory code) private returns (address made) {
        assembly {
            made := create(0, add(code, 32), mload(code))
        }
        expect(made != address(0), "a contract could not be created");
    }
}
