// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Told by approveAndCall() what it may now take.
interface IApprovalReceiver {
    function receiveApproval(address from, uint256 value, address token, bytes calldata data) external returns (bool);
}

/// RLC of a development network that stands in for Arbitrum: an ERC-20 that keeps balances where the token of that network
/// does (ERC-7201 namespace openzeppelin.storage.ERC20), because test suites write them there.
/// The deployer owns the whole supply; nobody can make more.
contract ArbitrumRlc {
    string public constant name = "iEx.ec Network Token";
    string public constant symbol = "RLC";
    uint8 public constant decimals = 9;

    struct Ledger {
        mapping(address => uint256) balances;
        mapping(address => mapping(address => uint256)) allowances;
        uint256 totalSupply;
    }

    bytes32 private constant LEDGER =
        keccak256(abi.encode(uint256(keccak256("openzeppelin.storage.ERC20")) - 1)) & ~bytes32(uint256(0xff));

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    error InsufficientBalance(address from, uint256 balance, uint256 needed);
    error InsufficientAllowance(address spender, uint256 allowed, uint256 needed);
    error ZeroAddress();
    error ReceiverRefused(address receiver);

    constructor() {
        Ledger storage ledger = _ledger();
        ledger.totalSupply = 87_000_000 * 10 ** decimals;
        ledger.balances[msg.sender] = ledger.totalSupply;
        emit Transfer(address(0), msg.sender, ledger.totalSupply);
    }

    function totalSupply() external view returns (uint256) {
        return _ledger().totalSupply;
    }

    function balanceOf(address owner) external view returns (uint256) {
        return _ledger().balances[owner];
    }

    function allowance(address owner, address spender) external view returns (uint256) {
        return _ledger().allowances[owner][spender];
    }

    function transfer(address to, uint256 value) external returns (bool) {
        _move(msg.sender, to, value);
        return true;
    }

    function approve(address spender, uint256 value) public returns (bool) {
        if (spender == address(0)) revert ZeroAddress();
        _ledger().allowances[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    /// An allowance of 2^256 - 1 is never used up.
    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        mapping(address => uint256) storage allowed = _ledger().allowances[from];
        uint256 left = allowed[msg.sender];
        if (left < value) revert InsufficientAllowance(msg.sender, left, value);
        if (left != type(uint256).max) allowed[msg.sender] = left - value;
        _move(from, to, value);
        return true;
    }

    /// Approves, and tells the spender in the same transaction. What the spender reverts with is what this reverts with.
    function approveAndCall(address spender, uint256 value, bytes calldata data) external returns (bool) {
        approve(spender, value);
        if (!IApprovalReceiver(spender).receiveApproval(msg.sender, value, address(this), data))
            revert ReceiverRefused(spender);
        return true;
    }

    function _move(address from, address to, uint256 value) private {
        if (to == address(0)) revert ZeroAddress();
        mapping(address => uint256) storage balances = _ledger().balances;
        uint256 held = balances[from];
        if (held < value) revert InsufficientBalance(from, held, value);
        unchecked {
            balances[from] = held - value;
            balances[to] += value; // the sum of all balances is the supply, unless a test wrote them
        }
        emit Transfer(from, to, value);
    }

    function _ledger() private pure returns (Ledger storage ledger) {
        bytes32 slot = LEDGER;
        assembly {
            ledger.slot := slot
        }
    }
}
