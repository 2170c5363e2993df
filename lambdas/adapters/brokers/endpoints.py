"""Where one broker is reached, and how this machine introduces itself there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoints:
    """Base URLs without a trailing slash. Only these differ between a broker and the sandbox exchange.

    Zerodha: `api_url` https://api.kite.trade, `login_url` https://kite.zerodha.com; its instrument master
    is part of the API.
    Angel One: `api_url` https://apiconnect.angelone.in, `master_url` https://margincalculator.angelone.in;
    it logs in without a browser.

    `order_url` is where orders go at brokers that have an address of their own for them; empty means `api_url`.

    `local_ip`, `public_ip` and `mac_address` go into headers that Angel One demands of every call. The
    defaults state nothing about the machine: a loopback address and no hardware address. Where the
    account trades through a registered static address, `public_ip` is that address.
    """

    api_url: str
    login_url: str = ""
    master_url: str = ""
    order_url: str = ""
    local_ip: str = "127.0.0.1"
    public_ip: str = "127.0.0.1"
    mac_address: str = "00:00:00:00:00:00"
