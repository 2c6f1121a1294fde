"""Lives that went wrong though no yardstick broke: what was to be told of by when, and what was never to be.

To whoever judges from outside, a gap in which a pager did not answer may look like none.
"""

from __future__ import annotations

import pytest

from simulation.life import play
from simulation.script import script_from_json

TOLD = {
    "a list that hangs is asked for what is to wait, and whoever is asked for besides counts as lost and is rung again": (
        """{"company":"one pager","acts":[{"at_s":30.0,"what":"ask for somebody"}],"reactions":["close 5"],
            "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout before"},
                       {"operation":"opsgenie.open_page","nth":2,"fault":"429, again in 3600 s"}],
            "outages":[{"system":"opsgenie.find","from_s":20.0,"for_s":900.0,"fault":"timeout before"}]}""",
        "alert-00002 under firebell-04af5c:10001:to.databases rings", (60, 90), "alert-00003 under",
    ),
    "who closes what nobody needs counts as answering when it is opened again": (
        """{"pager_hooks":false,"takes_s":35.0,"acts":[{"at_s":4.0,"what":"resolve"},{"at_s":60.0,"what":"reopen"}],
            "reactions":["close 5"],"strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"}]}""",
        ":10001 rings", (60, 100), "",
    ),
    "who acknowledges what nobody needs counts as answering when it is opened again": (
        """{"pager_hooks":false,"takes_s":35.0,"acts":[{"at_s":4.0,"what":"resolve"},{"at_s":60.0,"what":"reopen"}],
            "reactions":["ack 5","ignore"],"strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"}]}""",
        ":10001 rings", (60, 135), "",
    ),
    "what is still being closed when it is opened again rings everybody at once": (
        """{"acts":[{"at_s":320.0,"what":"resolve"},{"at_s":322.0,"what":"reopen"}],"reactions":["ignore"],
            "strikes":[{"operation":"opsgenie.close","nth":2,"fault":"5xx after"}]}""",
        "alert-00010 under firebell-04af5c:10001:imoc1 rings", (620, 635), "",
    ),
    "what is still being closed when it is opened again rings whom the issue does not name any more": (
        """{"acts":[{"at_s":320.0,"what":"resolve"},{"at_s":321.0,"what":"forget the service"},{"at_s":322.0,"what":"reopen"}],
            "reactions":["ignore"],"strikes":[{"operation":"opsgenie.close","nth":1,"until":2,"fault":"5xx after"}]}""",
        "alert-00008 under firebell-04af5c:10001:imoc1 rings", (322, 330), "alert-00010 under",
    ),
    "who is needed waits for whom nobody needs": (
        """{"acts":[{"at_s":303.0,"what":"resolve"},{"at_s":308.0,"what":"reopen"}],"reactions":["ignore"],
            "strikes":[{"operation":"opsgenie.open_page","nth":2,"fault":"429, again in 30 s"}]}""",
        ":10001 rings", (308, 312), "",
    ),
    "where the first look after it is opened again fails, who closed before counts as answering": (
        """{"pager_hooks":false,"takes_s":35.0,"acts":[{"at_s":4.0,"what":"resolve"},{"at_s":60.0,"what":"reopen"}],
            "reactions":["close 5","ignore"],"strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"},
                                                        {"operation":"opsgenie.find","nth":4,"fault":"5xx before"}]}""",
        ":10001 rings", (60, 105), "",
    ),
    "who closed before a later link that nobody needed counts as answering": (
        """{"pager_hooks":false,"takes_s":35.0,"acts":[{"at_s":5.0,"what":"resolve"},{"at_s":60.0,"what":"reopen"}],
            "reactions":["close 5","ignore"],"strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"404"},
                                                        {"operation":"opsgenie.open_page","nth":2,"fault":"timeout after"}]}""",
        ":10001 rings", (60, 100), "",
    ),
    "who closed before counts as answering where the pager's word of it comes first": (
        """{"takes_s":35.0,"acts":[{"at_s":4.0,"what":"resolve"},{"at_s":60.0,"what":"reopen"}],
            "reactions":["close 5","ignore"],
            "fates":[{"sender":"jira","nth":3,"fate":"lost"},{"sender":"pager","nth":1,"fate":"lost"},
                     {"sender":"pager","nth":2,"fate":"late","by_s":25.0}],
            "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"}]}""",
        ":10001 rings", (60, 105), "",
    ),
    "who acknowledges what was sent before after it is opened again is rung once more": (
        """{"pager_hooks":false,"takes_s":35.0,"acts":[{"at_s":4.0,"what":"resolve"},{"at_s":50.0,"what":"reopen"}],
            "reactions":["ack 20","ignore"],"fates":[{"sender":"jira","nth":3,"fate":"lost"}],
            "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"}]}""",
        "state=acked", (55, 100), "alert-00003 under",
    ),
    "a later link that cannot be closed is begun anew for ever, and its second stays silent": (
        """{"raises":[{"at_s":0.0,"service":"Confluence"}],"acts":[{"at_s":60.0,"what":"resolve"},{"at_s":63.0,"what":"reopen"}],
            "reactions":["ack 5","ignore"],
            "strikes":[{"operation":"opsgenie.close","nth":2,"until":400,"fault":"5xx before"}]}""",
        ":imoc1.second rings", (63, 135), "",
    ),
    "the second of a link that is refused stays silent while somebody before it sleeps": (
        """{"reactions":["ignore","ack 5"],
            "strikes":[{"operation":"opsgenie.open_page","nth":2,"until":200,"fault":"404"}]}""",
        ":imoc1.second rings", (300, 370), "nobody_answers",
    ),
    "owners are told once where the page is still accepted when it is opened again": (
        """{"company":"one pager","acts":[{"at_s":72.0,"what":"resolve"},{"at_s":90.0,"what":"reopen"}],
            "deaf":[0.0,900.0],"reactions":["ack 60"]}""",
        "nobody_answers", (90, 220), "",
    ),
    "whoever closes what rings for nobody, while one look is put off": (
        """{"company":"one pager","acts":[{"at_s":10,"what":"resolve"},{"at_s":25,"what":"reopen"}],
            "reactions":["close 15","ignore"],
            "strikes":[{"operation":"opsgenie.find","nth":2,"fault":"429, again in 3600 s"}]}""",
        "under firebell-04af5c:10001 rings", (25, 60), "",
    ),
    "whoever closes both while their pager is away, though a second is there": (
        """{"acts":[{"at_s":400,"what":"resolve"},{"at_s":440,"what":"reopen"}],"reactions":["close 410","close 108",
            "ignore"],"outages":[{"system":"opsgenie","from_s":390,"for_s":1600,"fault":"5xx before"}]}""",
        ":im.second rings", (490, 520), "",
    ),
    "what rings on from before, while its pager is away, though a second is there": (
        """{"acts":[{"at_s":400,"what":"resolve"},{"at_s":440,"what":"reopen"}],"reactions":["ignore"],
            "outages":[{"system":"opsgenie","from_s":390,"for_s":1600,"fault":"5xx before"}]}""",
        ":im.second rings", (490, 520), "",
    ),
    "whoever acknowledges what rings for nobody, while its pager shows nothing": (
        """{"company":"one pager","acts":[{"at_s":10,"what":"resolve"},{"at_s":40,"what":"reopen"}],
            "reactions":["ack 15","ignore"],
            "outages":[{"system":"opsgenie.find","from_s":8,"for_s":62,"fault":"5xx before"},
            {"system":"opsgenie.read","from_s":8,"for_s":62,"fault":"5xx before"}]}""",
        "under firebell-04af5c:10001 rings", (40, 90), "",
    ),
    "how long it has been known, while its pager is away": (
        """{"acts":[{"at_s":10,"what":"resolve"},{"at_s":40,"what":"reopen"}],"reactions":["close 20","ignore"],
            "outages":[{"system":"opsgenie","from_s":8,"for_s":2992,"fault":"5xx before"}]}""",
        ":im.second rings", (90, 120), "",
    ),
    "whoever closes what asks for a manager's heir, while somebody has it": (
        """{"company":"one pager","acts":[{"at_s":20,"what":"take"},{"at_s":60,"what":"unassign"},
            {"at_s":370,"what":"take"},{"at_s":400,"what":"unassign"}],"reactions":["ignore","close 20","ignore"],
            "outages":[{"system":"opsgenie.find","from_s":366,"for_s":354,"fault":"5xx before"},
            {"system":"opsgenie.read","from_s":366,"for_s":354,"fault":"5xx before"}]}""",
        ":next.imoc1 rings", (700, 730), "",
    ),
    "whoever closes what asks for them besides, while nobody does": (
        """{"company":"one pager","acts":[{"at_s":10,"what":"ask for somebody"},{"at_s":60,"what":"ask for nobody"},
            {"at_s":120,"what":"ask for somebody"}],"reactions":["ack 5","close 60","ignore"],
            "outages":[{"system":"opsgenie.find","from_s":50,"for_s":74,"fault":"5xx before"},
            {"system":"opsgenie.read","from_s":50,"for_s":74,"fault":"5xx before"}]}""",
        ":to.databases rings", (120, 140), "",
    ),
    "whoever closes what was accepted and never shown": (
        """{"company":"one pager","acts":[{"at_s":10,"what":"resolve"},{"at_s":35,"what":"reopen"}],
            "reactions":["close 20","ignore"],
            "outages":[{"system":"opsgenie.find","from_s":0.1,"for_s":49.9,"fault":"5xx before"},
            {"system":"opsgenie.read","from_s":0.1,"for_s":49.9,"fault":"5xx before"},
            {"system":"opsgenie.confirm","from_s":0.1,"for_s":49.9,"fault":"5xx before"}]}""",
        "under firebell-04af5c:10001 rings", (35, 60), "",
    ),
    "whoever closed what was sent, and is sent again in vain": (
        """{"company":"one pager","pager_hooks":false,
            "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"}],
            "acts":[{"at_s":60,"what":"resolve"},{"at_s":120,"what":"reopen"}],"reactions":["close 30","ignore"],
            "outages":[{"system":"opsgenie","from_s":3.5,"for_s":296.5,"fault":"5xx before"}]}""",
        "under firebell-04af5c:10001 rings", (120, 310), "",
    ),
    "whoever closed what was sent, and is sent again in vain beside a second": (
        """{"pager_hooks":false,"strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"}],
            "acts":[{"at_s":60,"what":"resolve"},{"at_s":120,"what":"reopen"}],"reactions":["close 30","ignore"],
            "outages":[{"system":"opsgenie.find","from_s":3.5,"for_s":130.5,"fault":"5xx before"},
            {"system":"opsgenie.read","from_s":3.5,"for_s":130.5,"fault":"5xx before"},
            {"system":"opsgenie.open_page","from_s":3.5,"for_s":132.5,"fault":"5xx before"}]}""",
        "under firebell-04af5c:10001 rings", (120, 150), "",
    ),
    "whoever closed what was sent before somebody took it": (
        """{"company":"one pager","strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"}],
            "acts":[{"at_s":7,"what":"take"},{"at_s":60,"what":"resolve"},{"at_s":120,"what":"unassign"},
            {"at_s":121,"what":"reopen"}],"reactions":["close 30","ignore"],
            "outages":[{"system":"opsgenie.find","from_s":0,"for_s":128,"fault":"5xx before"},
            {"system":"opsgenie.read","from_s":0,"for_s":128,"fault":"5xx before"}]}""",
        "under firebell-04af5c:10001 rings", (121, 140), "",
    ),
    "whoever closed what a function sent and died over": (
        """{"company":"one pager","pager_hooks":false,"acts":[{"at_s":2,"what":"resolve"},{"at_s":6,"what":"reopen"}],
            "reactions":["close 3","ignore"],
            "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"crash after"}]}""",
        "under firebell-04af5c:10001 rings", (6, 15), "",
    ),
    "what is found answered, and cannot be written down as over": (
        """{"company":"one pager","pager_hooks":false,
            "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"}],
            "acts":[{"at_s":60,"what":"resolve"},{"at_s":120,"what":"reopen"}],"reactions":["close 65","ignore"],
            "outages":[{"system":"opsgenie.open_page","from_s":3.5,"for_s":81.5,"fault":"5xx before"},
            {"system":"opsgenie.find","from_s":3.5,"for_s":81.5,"fault":"5xx before"},
            {"system":"opsgenie.read","from_s":3.5,"for_s":81.5,"fault":"5xx before"},
            {"system":"ledger.replace","from_s":92.957,"for_s":26.043,"fault":"5xx before"}]}""",
        "under firebell-04af5c:10001 rings", (120, 130), "",
    ),
    "whoever closed what asked for them besides and was never shown": (
        """{"company":"one pager","pager_hooks":false,"acts":[{"at_s":10,"what":"ask for somebody"},
            {"at_s":60,"what":"ask for nobody"},{"at_s":120,"what":"ask for somebody"}],"reactions":["ack 5",
            "close 30","ignore"],"strikes":[{"operation":"opsgenie.open_page","nth":2,"fault":"timeout after"}],
            "outages":[{"system":"opsgenie.find","from_s":11,"for_s":113,"fault":"5xx before"},
            {"system":"opsgenie.read","from_s":11,"for_s":113,"fault":"5xx before"},
            {"system":"opsgenie.open_page","from_s":14,"for_s":110,"fault":"5xx before"}]}""",
        ":to.databases rings", (120, 130), "",
    ),
    "whoever closed what asked for a manager's heir and was never shown": (
        """{"company":"one pager","pager_hooks":false,"acts":[{"at_s":20,"what":"take"},{"at_s":60,"what":"unassign"},
            {"at_s":380,"what":"take"},{"at_s":400,"what":"unassign"}],"reactions":["ignore","close 25","ignore"],
            "strikes":[{"operation":"opsgenie.open_page","nth":2,"fault":"timeout after"}],
            "outages":[{"system":"opsgenie.find","from_s":361,"for_s":342,"fault":"5xx before"},
            {"system":"opsgenie.read","from_s":361,"for_s":342,"fault":"5xx before"},
            {"system":"opsgenie.open_page","from_s":363.5,"for_s":340.5,"fault":"5xx before"}]}""",
        ":next.imoc1 rings", (700, 715), "",
    ),
    "whoever closed what was sent, where Jira's history cannot be read": (
        """{"company":"one pager","pager_hooks":false,
            "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"}],
            "acts":[{"at_s":60,"what":"resolve"},{"at_s":120,"what":"reopen"},{"at_s":121,"what":"rename"}],
            "reactions":["close 30","ignore"],
            "outages":[{"system":"opsgenie.find","from_s":3.5,"for_s":120.5,"fault":"5xx before"},
            {"system":"opsgenie.read","from_s":3.5,"for_s":120.5,"fault":"5xx before"},
            {"system":"opsgenie.open_page","from_s":3.5,"for_s":120.5,"fault":"5xx before"},
            {"system":"jira.read","from_s":100,"for_s":300,"fault":"5xx before"}]}""",
        "under firebell-04af5c:10001 rings", (120, 135), "",
    ),
    "whoever closed what was sent without the ledger long ago": (
        """{"company":"one pager","pager_hooks":false,"acts":[{"at_s":60,"what":"resolve"},
            {"at_s":120,"what":"reopen"}],"reactions":["close 70","ignore"],
            "outages":[{"system":"ledger","from_s":0,"for_s":15,"fault":"throttled"},
            {"system":"opsgenie.open_page","from_s":3,"for_s":122,"fault":"5xx before"},
            {"system":"opsgenie.find","from_s":3,"for_s":122,"fault":"5xx before"},
            {"system":"opsgenie.read","from_s":3,"for_s":122,"fault":"5xx before"}]}""",
        "under firebell-04af5c:10001 rings", (120, 135), "",
    ),
    "what is sent into an alert that somebody has in hand, and cannot be read": (
        """{"acts":[{"at_s":310,"what":"resolve"},{"at_s":350,"what":"reopen"}],"reactions":["ack 30","ignore"],
            "outages":[{"system":"opsgenie.find","from_s":300,"for_s":3600,"fault":"403"},
            {"system":"opsgenie.read","from_s":300,"for_s":3600,"fault":"403"}]}""",
        ":im.second rings", (430, 455), "",
    ),
    "what is sent into an alert that somebody has in hand, without a second": (
        """{"company":"one pager","acts":[{"at_s":310,"what":"resolve"},{"at_s":350,"what":"reopen"}],
            "reactions":["ack 30","ignore"],
            "outages":[{"system":"opsgenie.find","from_s":300,"for_s":3600,"fault":"403"},
            {"system":"opsgenie.read","from_s":300,"for_s":3600,"fault":"403"}]}""",
        ":imoc1 rings", (380, 400), "",
    ),
    "an answer is seen where only the list fails": (
        """{"reactions":["ack 60","ignore"],
            "outages":[{"system":"opsgenie.find","from_s":0,"for_s":1000,"fault":"5xx before"}]}""",
        "target=im episode=1 roster=im state=acked", (60, 65), ":imoc1 rings",
    ),
    "an answer is seen where only the list fails and a request was repeated": (
        """{"company":"one pager","strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"}],
            "reactions":["ack 60","ignore"],
            "outages":[{"system":"opsgenie.find","from_s":0,"for_s":1000,"fault":"5xx before"}]}""",
        "target=im episode=1 roster=im state=acked", (60, 65), ":imoc1 rings",
    ),
    "what is known is closed where only the list fails, and rings anew": (
        """{"acts":[{"at_s":20,"what":"take"},{"at_s":60,"what":"resolve"},{"at_s":100,"what":"unassign"},
            {"at_s":105,"what":"reopen"}],"reactions":["ack 80","ignore"],
            "outages":[{"system":"opsgenie.find","from_s":8,"for_s":500,"fault":"5xx before"}]}""",
        "under firebell-04af5c:10001 rings", (105, 120), "",
    ),
    "a pager's word of what was sent without the ledger is dropped because Jira fails once": (
        """{"raises":[{"at_s":0,"service":null}],"reactions":["ignore"],"acts":[{"at_s":12,"what":"find the service"},
            {"at_s":60,"what":"resolve"}],"outages":[{"system":"ledger","from_s":0,"for_s":0.3,"fault":"throttled"},
            {"system":"queue.send","from_s":0,"for_s":0.3,"fault":"5xx before"}],
            "strikes":[{"operation":"jira.read","nth":1,"fault":"5xx before"}],"sweep_offset_s":50}""",
        "alert-00002 close by Firebell API", (60, 70), "",
    ),
    "a pager's word of what was sent without the ledger is dropped because Jira answers 404 once": (
        """{"raises":[{"at_s":0,"service":null}],"reactions":["ignore"],"acts":[{"at_s":12,"what":"find the service"},
            {"at_s":60,"what":"resolve"}],"outages":[{"system":"ledger","from_s":0,"for_s":0.3,"fault":"throttled"},
            {"system":"queue.send","from_s":0,"for_s":0.3,"fault":"5xx before"}],
            "strikes":[{"operation":"jira.read","nth":1,"fault":"404"}],"sweep_offset_s":50}""",
        "alert-00002 close by Firebell API", (60, 70), "",
    ),
    "what the ledger knows to be deleted is paged by an old word when the ledger goes away": (
        """{"acts":[{"at_s":2,"what":"delete"}],
            "strikes":[{"operation":"ledger.book_wake","nth":2,"fault":"throttled"}],
            "fates":[{"sender":"jira","nth":1,"fate":"late","by_s":110}]}""",
        "ledger_away", (110, 112), " rings ",
    ),
    "what the ledger knows to be taken is paged by an old word when ledger and Jira go away": (
        """{"acts":[{"at_s":2,"what":"take"}],
            "outages":[{"system":"jira.read","from_s":50,"for_s":100,"fault":"5xx before"},
            {"system":"ledger.book_wake","from_s":50,"for_s":30,"fault":"throttled"}],
            "fates":[{"sender":"jira","nth":1,"fate":"late","by_s":60}]}""",
        "ledger_away", (60, 62), " rings ",
    ),
    "what the ledger knows to be resolved is paged by an old word when ledger and Jira go away": (
        """{"acts":[{"at_s":2,"what":"resolve"}],
            "outages":[{"system":"jira.read","from_s":50,"for_s":100,"fault":"5xx before"},
            {"system":"ledger.book_wake","from_s":50,"for_s":30,"fault":"throttled"}],
            "fates":[{"sender":"jira","nth":1,"fate":"late","by_s":60}]}""",
        "ledger_away", (60, 62), " rings ",
    ),
    "in a storm a pass pages that has been overtaken while it counted": (
        """{"raises":[{"at_s":0.0},{"at_s":2.0},{"at_s":4.0},{"at_s":6.0},{"at_s":8.0},{"at_s":10.0},{"at_s":12.0},
            {"at_s":14.0},{"at_s":16.0},{"at_s":18.0},{"at_s":20.0},{"at_s":22.0}],
            "acts":[{"at_s":60,"what":"resolve","incident":11},{"at_s":700,"what":"reopen","incident":11},
            {"at_s":731.5,"what":"resolve","incident":11}],
            "outages":[{"system":"ledger.count_major","from_s":725,"for_s":20,"fault":"timeout before"}],
            "sweep_offset_s":39,"workers":4,"fates":[{"sender":"jira","nth":46,"fate":"late","by_s":31}]}""",
        "resolve: HOT-12", (731, 732), "alert-00027 under",
    ),
    "nobody behind whom only a list keeps from being looked at is rung": (
        """{"company":"one pager","reactions":["ignore"],
            "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout before"}],
            "outages":[{"system":"opsgenie.find","from_s":20,"for_s":1500,"fault":"5xx before"}]}""",
        ":imoc1 rings", (310, 340), "",
    ),
    "nobody behind whom only a list keeps from being looked at is rung, opened again": (
        """{"company":"one pager","acts":[{"at_s":60,"what":"resolve"},{"at_s":63,"what":"reopen"}],
            "reactions":["ack 30","ignore"],
            "outages":[{"system":"opsgenie.find","from_s":50,"for_s":1200,"fault":"5xx before"}]}""",
        ":imoc1 rings", (380, 410), "",
    ),
    "what a team has acknowledged by day is closed, and rings anew": (
        """{"begins":"2026-11-23T10:00:00+00:00","raises":[{"at_s":0,"severity":3}],"reactions":["ack 5","ignore"],
            "pager_hooks":false,"strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"}]}""",
        "state=acked", (9, 10), "close by Firebell",
    ),
    "owners do not hear of what rings for nobody and cannot be looked at": (
        """{"company":"one pager","reactions":["ignore"],"takes_s":5,"acts":[{"at_s":3,"what":"resolve"}],
            "outages":[{"system":"opsgenie.read","from_s":0.3,"for_s":1500,"fault":"5xx before"},
            {"system":"opsgenie.find","from_s":0.3,"for_s":1500,"fault":"5xx before"}]}""",
        "page_not_closed", (160, 190), "",
    ),
    "what rings for nobody and cannot be read by its id is closed where the list shows it": (
        """{"company":"one pager","reactions":["ignore"],"takes_s":5,"acts":[{"at_s":3,"what":"resolve"}],
            "outages":[{"system":"opsgenie.read","from_s":0.3,"for_s":1500,"fault":"5xx before"}]}""",
        "close by Firebell API", (5, 30), "",
    ),
    "an answer is seen where only reading by id fails": (
        """{"reactions":["ack 60"],"pager_hooks":false,
            "outages":[{"system":"opsgenie.read","from_s":20,"for_s":900,"fault":"5xx before"}]}""",
        "target=im episode=1 roster=im state=acked", (60, 95), ":imoc1 rings",
    ),
    "an answer is seen where only reading by id hangs": (
        """{"reactions":["ack 60"],"pager_hooks":false,
            "outages":[{"system":"opsgenie.read","from_s":20,"for_s":900,"fault":"timeout before"}]}""",
        "target=im episode=1 roster=im state=acked", (60, 100), ":imoc1 rings",
    ),
    "an answer is seen where the list hangs, and another page waits for it": (
        """{"reactions":["ignore","ack 12","ignore"],"pager_hooks":false,
            "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"5xx before"}],
            "outages":[{"system":"opsgenie.find","for_s":600,"fault":"timeout before","from_s":20}]}""",
        "target=imoc1 episode=1 roster=imoc state=acked", (348, 400), ".second rings",
    ),
    "an answer is seen where the list hangs from the first": (
        """{"reactions":["ack 1"],
            "outages":[{"system":"opsgenie.find","for_s":600,"fault":"timeout before","from_s":0.3}]}""",
        "target=im episode=1 roster=im state=acked", (1, 30), ".second rings",
    ),
    "whoever closed a page is not rung again where list and close hang": (
        """{"reactions":["ignore","close 12","ignore"],"pager_hooks":false,"acts":[{"at_s":5,"what":"resolve"},
            {"at_s":52,"what":"reopen"}],
            "outages":[{"system":"opsgenie.find","for_s":600,"fault":"timeout before","from_s":0.3},
            {"system":"opsgenie.close","for_s":600,"fault":"timeout before","from_s":0.3}]}""",
        ":imoc1 rings", (400, 420), "alert-00007 under",
    ),
    "two lost pages do not wait for each other where every question hangs": (
        """{"reactions":["ignore"],
            "outages":[{"system":"opsgenie.find","from_s":0,"for_s":2000,"fault":"timeout before"},
            {"system":"opsgenie.read","from_s":0,"for_s":2000,"fault":"timeout before"},
            {"system":"opsgenie.confirm","from_s":0,"for_s":2000,"fault":"timeout before"}]}""",
        ":imoc1.second rings", (300, 600), "",
    ),
    "two lost pages do not wait for each other, one pager": (
        """{"company":"two imoc rosters","reactions":["ignore"],
            "outages":[{"system":"opsgenie.find","from_s":0,"for_s":2000,"fault":"timeout before"},
            {"system":"opsgenie.read","from_s":0,"for_s":2000,"fault":"timeout before"},
            {"system":"opsgenie.confirm","from_s":0,"for_s":2000,"fault":"timeout before"}]}""",
        ":imoc2 rings", (200, 300), "",
    ),
    "owners hear of it where every question fails": (
        """{"reactions":["ignore"],"outages":[{"system":"opsgenie.find","from_s":0,"for_s":2000,"fault":"5xx before"},
            {"system":"opsgenie.read","from_s":0,"for_s":2000,"fault":"5xx before"},
            {"system":"opsgenie.confirm","from_s":0,"for_s":2000,"fault":"5xx before"}]}""",
        "nobody_answers", (600, 800), "",
    ),
    "what a team answered while nobody was to hear of it does not answer what is opened again": (
        """{"begins":"2026-11-23T10:00:00+00:00","raises":[{"at_s":0,"severity":3}],"reactions":["ack 20"],
            "pager_hooks":false,"acts":[{"at_s":10,"what":"resolve"},{"at_s":60,"what":"reopen"}],
            "outages":[{"system":"opsgenie.find","from_s":0.5,"for_s":70,"fault":"5xx before"},
            {"system":"opsgenie.confirm","from_s":0.5,"for_s":70,"fault":"5xx before"}]}""",
        ":delivery rings", (60, 90), "",
    ),
    "what was sent into an old alert and cannot be read is rung anew where the list shows it": (
        """{"reactions":["ignore"],"acts":[{"at_s":310,"what":"resolve"},{"at_s":314,"what":"reopen"}],
            "outages":[{"system":"opsgenie.read","from_s":3.5,"for_s":1000,"fault":"5xx before"}]}""",
        ":10001 rings", (314, 330), "",
    ),
    "with all of the ledger but its writes in order, what is opened again counts as paged by what is being closed": (
        """{"acts":[{"at_s":600,"what":"resolve"},{"at_s":606,"what":"reopen"}],"reactions":["ack 5","ignore"],
            "outages":[{"system":"ledger.replace","from_s":601.2,"for_s":600,"fault":"throttled"},
            {"system":"ledger.see","from_s":601.2,"for_s":600,"fault":"throttled"}]}""",
        ":10001 rings", (606, 612), "",
    ),
}  # fmt: skip
"""What must not keep anybody from being rung, or was wrong -> (life, what must be told of, from when until when at the latest,
what must never be)."""


@pytest.mark.parametrize("name", TOLD, ids=list(TOLD))
def test_what_went_wrong_in_good_lives_goes_well(name: str):
    life, expected, (from_s, until_s), never = TOLD[name]
    verdict = play(script_from_json(life), tell=True)
    assert verdict.violation is None
    assert any(from_s <= _at_s(line) <= until_s for line in verdict.story if expected in line)
    assert not [line for line in verdict.story if never and never in line]


def test_owners_are_told_once_that_nobody_answers_of_what_was_left():
    life = """{"acts":[{"at_s":320,"what":"take"},{"at_s":337,"what":"unassign"}],"reactions":["ignore"],
               "strikes":[{"operation":"opsgenie.open_page","nth":2,"fault":"a part of it"}]}"""
    told = [line for line in play(script_from_json(life), tell=True).story if "nobody_answers" in line]
    assert len([line for line in told if _at_s(line) < 600]) == 1


def _at_s(line: str) -> float:
    """When it happened, as a story says it."""
    [_, at_s, *_] = line.split()
    return float(at_s)
