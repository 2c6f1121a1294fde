"""Lives that broke a promise once. Each was found by the simulator, shortened, and is kept under what had gone wrong."""

from __future__ import annotations

import pytest

from simulation.life import play
from simulation.script import script_from_json

LIVES = {
    "an alert of long ago, found before the incident is major, counts as closed by a human": """
        {"raises":[{"at_s":0.0,"severity":3}],"acts":[{"at_s":1.0,"what":"raise to 2"}],"long_ago":"closed"}""",
    "a deleted incident is paged again where Jira's clock is ahead of ours": """
        {"acts":[{"at_s":12.0,"what":"delete"}],"takes_s":2.0,"jira_skew_s":20.0}""",
    "a page is taken for closed because it was looked for before it was known": """
        {"strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"too slow, nothing done"},
                    {"operation":"opsgenie.on_call","nth":1,"fault":"timeout after"}]}""",
    "one 404 ends a page whose alert is open": """
        {"acts":[{"at_s":0.0,"what":"resolve"}],"strikes":[{"operation":"opsgenie.read","nth":1,"fault":"404"}]}""",
    "a roster that is refused in passing is asked again only after five minutes": """
        {"company":"pagerduty","raises":[{"at_s":1.0,"service":"Unknown"}],"reactions":["close 5"],
         "outages":[{"system":"pagerduty","from_s":0.0,"for_s":75.0,"fault":"404"}]}""",
    "secrets that cannot be read fill the dead letters": """
        {"outages":[{"system":"secrets","from_s":100.0,"for_s":900.0,"fault":"reset before"}],"reactions":["ignore"]}""",
    "a page that begins to be wanted again counts as a minute late": """
        {"company":"pagerduty","raises":[{"at_s":30.0,"severity":2}],"acts":[{"at_s":96.7,"what":"resolve"},
         {"at_s":161.7,"what":"reopen"}],"reactions":["close 30"],
         "outages":[{"system":"pagerduty","from_s":0.0,"for_s":200.0,"fault":"429"}]}""",
    "a blind page to a service that was corrected since is never known": """
        {"company":"one pager","acts":[{"at_s":8.0,"what":"forget the service"}],"reactions":["ack 40"],
         "outages":[{"system":"ledger","from_s":0.0,"for_s":200.0,"fault":"reset after"}],"pager_hooks":false}""",
    "a late webhook pages for an issue that has moved away": """
        {"acts":[{"at_s":3.0,"what":"move away"}],"fates":[{"sender":"jira","nth":1,"fate":"replayed","by_s":100.0}]}""",
    "a wake-up that comes early by a worker's own clock is the last": """
        {"company":"pagerduty","raises":[{"at_s":1.0,"service":"Unknown"}],"reactions":["ack 5","ack 40"],
         "outages":[{"system":"pagerduty","from_s":0.0,"for_s":200.0,"fault":"404"}],"schedule":50059,"workers":4,
         "sweep_offset_s":47.0,"worker_skew_s":0.5,"pager_hooks":false}""",
    "while the ledger is away, whoever closes the alert is rung again and again where the pager's clock is wrong": """
        {"reactions":["close 5"],"outages":[{"system":"ledger","from_s":0.2,"for_s":200.0,"fault":"reset after"}],
         "pager_skew_s":-300.0}""",
    "a look that failed three times once counts for every later repeat": """
        {"reactions":["close 5"],"outages":[{"system":"opsgenie","from_s":0.0,"for_s":200.0,"fault":"half a body"}]}""",
    "a lost webhook and one failed write, and the search window has moved on": """
        {"fates":[{"sender":"jira","nth":1,"fate":"lost"}],
         "strikes":[{"operation":"ledger.see","nth":1,"fault":"timeout after"}],
         "outages":[{"system":"jira.recently_updated","from_s":30.0,"for_s":900.0,"fault":"5xx after"}],
         "workers":8,"schedule":104910,"pager_hooks":false}""",
    "a change to an incident that the ledger does not know is paged over a blind page": """
        {"raises":[{"at_s":0.0,"severity":2,"assignee":"emma"}],"acts":[{"at_s":2.7,"what":"close"},
         {"at_s":8.4,"what":"unassign"}],"reactions":["close 5"],
         "strikes":[{"operation":"ledger.read","nth":1,"fault":"401"}],
         "outages":[{"system":"queue","from_s":0.0,"for_s":200.0,"fault":"throttled"}]}""",
    "a page that was lost is sent again although a human has closed the next one": """
        {"company":"two imoc rosters","raises":[{"at_s":0.0,"severity":2,"service":"Confluence"}],"reactions":["close 5"],
         "strikes":[{"operation":"opsgenie.open_page","nth":2,"fault":"a part of it"}]}""",
    "an issue that left and was deleted is brought back by what happened before": """
        {"acts":[{"at_s":2.7,"what":"unassign"},{"at_s":2.7,"what":"move away"},{"at_s":3.0,"what":"delete"}],
         "reactions":["ignore"]}""",
    "after a look for an orphan, nobody follows whoever does not answer": """
        {"raises":[{"at_s":0.0,"severity":3,"service":"Unknown"}],"acts":[{"at_s":1.0,"what":"find the service"},
         {"at_s":1.0,"what":"raise to 2"}],"reactions":["ignore","ack 5"]}""",
    "an old alert that cannot be closed for an hour keeps a reopened incident from being paged": """
        {"acts":[{"at_s":60.0,"what":"resolve"},{"at_s":200.0,"what":"reopen"}],
         "strikes":[{"operation":"opsgenie.close","nth":1,"fault":"429, again in 3600 s"}]}""",
    "one more alert of a page that had been sent without the ledger too is never known": """
        {"reactions":["close 30","ignore"],"outages":[{"system":"ledger","from_s":0.0,"for_s":30.0,"fault":"401"}],
         "takes_s":45.0,"pager_hooks":false}""",
    "one more alert of a page that rings is never known, and who acknowledged it counts as silent": """
        {"company":"pagerduty","raises":[{"at_s":0.0,"service":"Confluence"}],"acts":[{"at_s":0.0,"what":"find the service"}],
         "reactions":["ignore"],"strikes":[{"operation":"ledger.replace","nth":1,"fault":"throttled","until":4}],"takes_s":45.0,
         "pager_hooks":false}""",
    "an incident that was left counts as left no more, because it is given to the default assignee": """
        {"acts":[{"at_s":120.0,"what":"unassign"},{"at_s":430.0,"what":"assign to the default"}],"schedule":1}""",
    "an incident that was left, and given to the default assignee after that, is nobody's for ever": """
        {"acts":[{"at_s":120.0,"what":"unassign"},{"at_s":130.0,"what":"assign to the default"}]}""",
    "whoever is given an incident that was left, and takes it in that second, counts as a second taking": """
        {"acts":[{"at_s":120.0,"what":"unassign"},{"at_s":430.5,"what":"take"}],"schedule":1}""",
    "one pass settles an incident over an orphan that another has just begun to look for": """
        {"raises":[{"at_s":0.0,"severity":3}],"fates":[{"sender":"jira","nth":1,"fate":"lost"}],"schedule":634309,
         "outages":[{"system":"ledger","from_s":20.0,"for_s":900.0,"fault":"5xx before"}]}""",
    "of two alerts the one that is closed, and that a list still shows ringing, counts as acknowledged": """
        {"raises":[{"at_s":30.0}],"acts":[{"at_s":32.0,"what":"close"}],
         "strikes":[{"operation":"ledger.read","nth":1,"fault":"5xx before","until":2}],"sweep_offset_s":59.0,"list_lag_s":20.0,
         "pager_hooks":false}""",
    "a comment counts as written before the page by whoever could not read Jira, nor was told that one is needed": """
        {"raises":[{"at_s":0.0,"severity":3}],"acts":[{"at_s":2.0,"what":"lower to 2"}],
         "strikes":[{"operation":"ledger.replace","nth":1,"fault":"crash before"}],
         "outages":[{"system":"secrets","from_s":2.0,"for_s":30.0,"fault":"5xx after"}],"schedule":6,"jira_skew_s":300.0}""",
    "what is there for its date alone counts as unmade, where a pass in which the date came has begun it and died": """
        {"company":"two imoc rosters","raises":[{"at_s":0.0,"severity":2,"assignee":"default"},
         {"at_s":30.0,"severity":3,"service":"Confluence","assignee":"default"}],
         "strikes":[{"operation":"ledger.insert","nth":9,"fault":"too slow, and done","until":10}],
         "outages":[{"system":"opsgenie","from_s":0.0,"for_s":900.0,"fault":"409"}],
         "fates":[{"sender":"jira","nth":3,"fate":"late","by_s":86400.0}],"schedule":557140,"workers":4,"sweep_offset_s":13.0,
         "jira_skew_s":300.0}""",
    "the storm cannot be counted, and the page is made blind for it": """
        {"reactions":["close 5"],"strikes":[{"operation":"ledger.count_major","nth":1,"fault":"a part of it","until":9}]}""",
    "the bell cannot be rung for one incident, and the sweep goes no further": """
        {"raises":[{"at_s":0.0},{"at_s":0.0}],"outages":[{"system":"secrets","from_s":0.0,"for_s":1.0,"fault":"reset before"}],
         "strikes":[{"operation":"queue.send","nth":1,"fault":"reset before","until":9,"incident":0}]}""",
    "a page that nobody accepted is sent again over an acknowledgement": """
        {"raises":[{"at_s":0.0,"service":"Confluence"}],"reactions":["ack 40"],
         "strikes":[{"operation":"opsgenie.open_page","nth":2,"fault":"429, again in 30 s","until":5}],"pager_hooks":false}""",
    "a duplicate that comes late rings on although somebody has acknowledged": """
        {"raises":[{"at_s":30.0,"severity":null,"assignee":"emma"}],"acts":[{"at_s":30.0,"what":"raise to 1"},
         {"at_s":80.0,"what":"raise to 2"},{"at_s":161.7,"what":"acknowledge"}],"reactions":["ack 5","close 5","take 15"],
         "strikes":[{"operation":"opsgenie.open_page","nth":2,"fault":"crash after"},
                    {"operation":"queue.send","nth":1,"fault":"too slow, and done"},
                    {"operation":"ledger.read","nth":2,"fault":"crash after","until":3}],"search_lag_s":5.0,"takes_s":45.0}""",
    "one 404 for a fresh alert that no list shows yet ends its page": """
        {"reactions":["take 15"],"strikes":[{"operation":"opsgenie.read","nth":1,"fault":"404"}],"list_lag_s":20.0}""",
    "with Jira hidden from us, an old word closes a page that was sent on a newer one": """
        {"raises":[{"at_s":0.0,"severity":3}],"acts":[{"at_s":0.0,"what":"lower to 2"},{"at_s":0.0,"what":"hide"}],
         "outages":[{"system":"queue","from_s":0.0,"for_s":300.0,"fault":"401"},
                    {"system":"ledger","from_s":0.0,"for_s":1.0,"fault":"throttled"}]}""",
    "a reopened incident is never paged, because the alert that we closed ourselves counts as closed by a human": """
        {"acts":[{"at_s":0.0,"what":"resolve"},{"at_s":9.7,"what":"reopen"}],
         "strikes":[{"operation":"opsgenie.read","nth":2,"fault":"409","until":5}]}""",
    "a queue that refuses for good passes for a ledger that is away": """
        {"strikes":[{"operation":"queue.send","nth":2,"fault":"request refused","until":3}],
         "outages":[{"system":"opsgenie","from_s":0.0,"for_s":1.0,"fault":"429, again in 30 s"}]}""",
    "a comment is tried for ever on an issue that is gone": """
        {"acts":[{"at_s":1.0,"what":"take"},{"at_s":1.0,"what":"delete"}],"reactions":["ack 40"],"schedule":2,
         "fates":[{"sender":"jira","nth":3,"fate":"lost"}],"takes_s":45.0,"worker_skew_s":1.0}""",
    "a duplicate that its pager told of in time is never known": """
        {"company":"pagerduty","reactions":["close 5","ignore"],"strikes":[{"operation":"ledger.replace","nth":2,
         "fault":"5xx before"},{"operation":"ledger.see","nth":1,"fault":"crash after"}],"list_lag_s":20.0}""",
    "an issue that we saw in another project is brought back by what happened before it left": """
        {"acts":[{"at_s":1.0,"what":"find the service"},{"at_s":1.0,"what":"move away"},{"at_s":5.0,"what":"delete"}],
         "outages":[{"system":"secrets","from_s":1.0,"for_s":1.0,"fault":"timeout after"}]}""",
    "what a sweep found is forgotten because the ledger failed once": """
        {"raises":[{"at_s":0.0,"severity":3}],"acts":[{"at_s":0.0,"what":"rename"}],
         "strikes":[{"operation":"ledger.see","nth":3,"fault":"5xx before"}],
         "outages":[{"system":"jira","from_s":0.0,"for_s":900.0,"fault":"reset before"}]}""",
    "a duplicate that comes after its page has ended is never known": """
        {"company":"pagerduty","acts":[{"at_s":100.0,"what":"resolve"}],"fates":[{"sender":"jira","nth":1,"fate":"lost"}],
         "list_lag_s":20.0,"takes_s":45.0,"pager_hooks":false}""",
    "a page counts as late where the sweeps that should have found its incident died at another's": """
        {"raises":[{"at_s":0.0},{"at_s":0.0}],
         "strikes":[{"operation":"queue.send","nth":2,"fault":"crash before","until":9}]}""",
    "what was hidden from us before anything but a comment told of it is never looked for again": """
        {"acts":[{"at_s":0.0,"what":"hide"},{"at_s":0.0,"what":"comment"}],
         "fates":[{"sender":"jira","nth":1,"fate":"lost"},{"sender":"pager","nth":1,"fate":"late","by_s":3000.0}]}""",
    "what the ledger refuses in passing ends in the dead letters": """
        {"raises":[{"at_s":0.0,"severity":3}],"acts":[{"at_s":0.0,"what":"move away"}],
         "strikes":[{"operation":"jira.read","nth":1,"fault":"crash after"},
                    {"operation":"ledger.see","nth":1,"fault":"request refused","until":4}]}""",
    "what the ledger refuses in passing waits for a redelivery": """
        {"strikes":[{"operation":"ledger.read","nth":1,"fault":"request refused","until":3}],"jira_skew_s":-300.0}""",
    "what the ledger refuses in passing is put off for every message about it": """
        {"acts":[{"at_s":0.0,"what":"unassign"}],
         "strikes":[{"operation":"ledger.read","nth":1,"fault":"request refused","until":4}],"jira_skew_s":-300.0}""",
    "a brief that a human deleted before it was pinned is said again with the next change": """
        {"acts":[{"at_s":1.5,"what":"delete the brief"},{"at_s":60.0,"what":"rename"}],"places":true}""",
    "a room is made for an incident that was resolved while chat was away": """
        {"acts":[{"at_s":60.0,"what":"resolve"}],"outages":[{"system":"slack","from_s":0.0,"for_s":300.0,"fault":"409"}],
         "places":true}""",
    "links are never written because Jira could not show the issue once": """
        {"strikes":[{"operation":"jira.read","nth":3,"fault":"404","until":4}],"places":true}""",
    "the room that we were removed from is archived for ever": """
        {"acts":[{"at_s":20.0,"what":"remove us from the room"},{"at_s":60.0,"what":"resolve"}],"places":true}""",
    "what is under way about a role stays unsaid for ever when the incident is resolved": """
        {"acts":[{"at_s":20.0,"what":"assign to somebody else"},{"at_s":40.0,"what":"resolve"}],
         "outages":[{"system":"slack.post","from_s":5.0,"for_s":100.0,"fault":"429, again in 30 s"}],"places":true}""",
    "whoever was called before is called before the incident manager when an incident comes back": """
        {"acts":[{"at_s":0.0,"what":"ask for somebody"},{"at_s":10.0,"what":"move away"},{"at_s":60.0,"what":"move back"}],
         "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"200 with an error inside"}]}""",
    "of a page that rang a hundred times each alert is read by itself, and no pass comes to an end": """
        {"company":"two imoc rosters","reactions":["close 0.2"],
         "outages":[{"system":"opsgenie","from_s":1.0,"for_s":900.0,"fault":"reset after"}]}""",
    "with Jira unreadable, the webhook of its leaving closes the page of an issue that has come back": """
        {"raises":[{"at_s":0.0,"severity":3}],
         "acts":[{"at_s":0.0,"what":"move away"},{"at_s":0.0,"what":"move back"},{"at_s":0.0,"what":"lower to 2"}],
         "outages":[{"system":"jira","from_s":0.0,"for_s":1.0,"fault":"429, again in 3600 s"}]}""",
    "a second room is made where the first could not be marked and its issue got another key": """
        {"acts":[{"at_s":3.0,"what":"move away"},{"at_s":3.4,"what":"move back"}],
         "strikes":[{"operation":"slack.mark_room","nth":1,"fault":"404"}],"places":true}""",
    "the page that is being closed counts as the one that is wanted again since": """
        {"acts":[{"at_s":152.0,"what":"move away"},{"at_s":154.0,"what":"move back"}],
         "strikes":[{"operation":"slack.mark_room","nth":1,"fault":"404"}],"places":true}""",
    "a pager that closes nothing keeps the second from being rung for a reopened incident": """
        {"acts":[{"at_s":20.0,"what":"resolve"},{"at_s":30.0,"what":"reopen"}],"deaf":[20.0,300.0]}""",
    "a page counts as late where the only pager closes nothing for minutes": """
        {"company":"one pager","acts":[{"at_s":20.0,"what":"resolve"},{"at_s":30.0,"what":"reopen"}],"deaf":[20.0,300.0]}""",
    "a pager that closes nothing has a minute, and the second one another moment": """
        {"acts":[{"at_s":65.0,"what":"resolve"},{"at_s":66.7,"what":"reopen"}],"deaf":[1.0,300.0]}""",
    "the comment is written before the page of an incident that has come back": """
        {"acts":[{"at_s":0.0,"what":"forget the service"},{"at_s":340.4,"what":"move away"},
         {"at_s":341.7,"what":"move back"}]}""",
    "that an issue left again is not remembered where only its leaving was ever told of": """
        {"acts":[{"at_s":1.0,"what":"move away"},{"at_s":2.0,"what":"move back"},{"at_s":3.0,"what":"move away"},
         {"at_s":4.0,"what":"delete"}],
         "fates":[{"sender":"jira","nth":1,"fate":"lost"},{"sender":"jira","nth":3,"fate":"late","by_s":400.0}]}""",
    "a page that was only looked for, and then is wanted, counts as a minute late": """
        {"company":"two imoc rosters","raises":[{"at_s":0.0,"severity":3}],"acts":[{"at_s":2.0,"what":"raise to 1"}],
         "strikes":[{"operation":"ledger.replace","nth":1,"fault":"request refused"}],
         "outages":[{"system":"opsgenie","from_s":0.0,"for_s":60.0,"fault":"403"}]}""",
    "a page counts as late although the alert of the last time, which could not be closed, rings on": """
        {"acts":[{"at_s":0.0,"what":"resolve"},{"at_s":2.0,"what":"fix by a robot"},{"at_s":100.0,"what":"move away"}],
         "reactions":["ignore"],"strikes":[{"operation":"opsgenie.close","nth":1,"fault":"401"}]}""",
    "a page counts as late where Jira has to be read first, because an earlier webhook has not come": """
        {"raises":[{"at_s":0.0,"assignee":"emma"}],"acts":[{"at_s":0.0,"what":"raise to 2"},{"at_s":0.0,"what":"raise to 2"},
         {"at_s":8.0,"what":"fix"},{"at_s":5.0,"what":"ask for somebody"},{"at_s":0.0,"what":"find the service"},
         {"at_s":0.0,"what":"forget the service"}],"fates":[{"sender":"jira","nth":1,"fate":"late","by_s":5.0}],
         "schedule":495318}""",
    "a pass that was told of a blind page is overtaken, and nobody looks for the page any more": """
        {"raises":[{"at_s":0.0},{"at_s":0.0}],
         "acts":[{"at_s":1.0,"what":"take"},{"at_s":0.0,"what":"close"},{"at_s":0.0,"what":"fix by a robot"}],
         "reactions":["ack 5","fix 20"],"strikes":[{"operation":"ledger.insert","nth":1,"fault":"5xx before"}],
         "schedule":301418,"pager_hooks":false}""",
    "the five minutes of an incident whose manager has left count from when it is major again": """
        {"raises":[{"at_s":0.0,"assignee":"emma"}],"acts":[{"at_s":0.0,"what":"fix"},{"at_s":0.0,"what":"lower to 3"},
         {"at_s":0.0,"what":"assign to the default"},{"at_s":60.0,"what":"raise to 2"}]}""",
    "where Jira's clock is far ahead, a late webhook passes for young, and an issue that has left is paged": """
        {"acts":[{"at_s":0.0,"what":"move away"}],
         "strikes":[{"operation":"queue.send","nth":1,"fault":"request refused"}],
         "fates":[{"sender":"jira","nth":1,"fate":"late","by_s":30.0}],"jira_skew_s":300.0}""",
    "a page counts as late where every worker hangs for another incident": """
        {"company":"pagerduty","raises":[{"at_s":0.0},{"at_s":0.0}],
         "strikes":[{"operation":"pagerduty.find","nth":1,"fault":"too slow, nothing done","until":2}],"schedule":2,
         "sweep_offset_s":1.0,"jira_skew_s":-300.0}""",
    "what only a comment told of waits for a sweep where Jira fails": """
        {"acts":[{"at_s":0.0,"what":"comment"}],"fates":[{"sender":"jira","nth":1,"fate":"lost"}],
         "strikes":[{"operation":"jira.read","nth":1,"fault":"429, again in garbage","until":2}]}""",
    "a message counts as lost whose function died each time that it was handed out": """
        {"raises":[{"at_s":0.0,"service":"Confluence"}],"jira_skew_s":300.0,
         "strikes":[{"operation":"ledger.replace","nth":1,"fault":"too slow, and done","until":4},
                    {"operation":"opsgenie.find","nth":6,"fault":"crash before","until":9},
                    {"operation":"ledger.see","nth":2,"fault":"crash before"}],
         "outages":[{"system":"ledger","from_s":2.0,"for_s":30.0,"fault":"5xx after"}]}""",
    "a duplicate that its pager told of is forgotten, because another pass had read its page before": """
        {"raises":[{"at_s":30.0,"service":"Confluence"},{"at_s":1.0}],"acts":[{"at_s":0.0,"what":"remove our comment"}],
         "reactions":["close 30","fix 20"],
         "strikes":[{"operation":"ledger.read","nth":1,"fault":"throttled"},
                    {"operation":"ledger.insert","nth":2,"fault":"5xx before"}],
         "outages":[{"system":"jira.recently_updated","from_s":0.0,"for_s":100.0,"fault":"5xx before"},
                    {"system":"ledger","from_s":4.0,"for_s":30.0,"fault":"reset before"}],
         "fates":[{"sender":"pager","nth":2,"fate":"doubled"}],"schedule":947664,"sweep_offset_s":13.0,"takes_s":45.0,
         "worker_skew_s":1.0,"redelivered":[3]}""",
    "a life that has come to rest in time counts as moving": """
        {"acts":[{"at_s":0.0,"what":"move away"}],
         "strikes":[{"operation":"ledger.insert","nth":1,"fault":"crash before","until":4}],
         "outages":[{"system":"ledger","from_s":0.0,"for_s":1.0,"fault":"timeout after"}]}""",
    "somebody asked for is never called where Jira could be read only after all had settled": """
        {"acts":[{"at_s":0.0,"what":"hide"},{"at_s":0.0,"what":"ask for somebody"},{"at_s":0.0,"what":"fix"}],
         "outages":[{"system":"opsgenie","from_s":0.0,"for_s":1.0,"fault":"401"}],
         "fates":[{"sender":"jira","nth":1,"fate":"replayed","by_s":3000.0}]}""",
    "nobody is asked to take over where Jira could be read only after all had settled": """
        {"raises":[{"at_s":0.0,"assignee":"emma"}],"acts":[{"at_s":0.0,"what":"fix"},
         {"at_s":0.0,"what":"assign to the default"},{"at_s":30.0,"what":"hide"}],
         "fates":[{"sender":"pager","nth":1,"fate":"doubled","by_s":900.0}],"jira_skew_s":300.0}""",
    "of two blind pages of which each rang one goes on ringing although somebody has it": """
        {"company":"pagerduty","raises":[{"at_s":0.0,"service":"Confluence"}],
         "acts":[{"at_s":0.0,"what":"find the service"}],"reactions":["fix 20"],
         "outages":[{"system":"ledger","from_s":0.0,"for_s":1.0,"fault":"timeout before"}]}""",
    "an alert that is answered for with 404 and that no list shows yet ends its page unclosed": """
        {"acts":[{"at_s":0.0,"what":"resolve"}],
         "strikes":[{"operation":"opsgenie.read","nth":1,"fault":"404","until":4}],"list_lag_s":20.0}""",
    "of whoever was called for an issue that was deleted in secret less is borne than of the manager": """
        {"acts":[{"at_s":0.0,"what":"ask for somebody"},{"at_s":1.0,"what":"delete"}],
         "outages":[{"system":"queue","from_s":1.0,"for_s":1.0,"fault":"reset before"},
                    {"system":"opsgenie","from_s":0.0,"for_s":1.0,"fault":"a part of it"}]}""",
    "what became major while it was hidden, untold, must be known once it is shown hours later": """
        {"raises":[{"at_s":0.0,"severity":3}],"acts":[{"at_s":0.0,"what":"hide"},
         {"at_s":0.0,"what":"ask for somebody"},{"at_s":1.0,"what":"raise to 2"}],
         "fates":[{"sender":"jira","nth":1,"fate":"late","by_s":86400.0},{"sender":"jira","nth":3,"fate":"lost"}]}""",
    "each of several pages that its pager sits on is asked after at a moment of its own": """
        {"raises":[{"at_s":0.0,"service":"Confluence"}],"acts":[{"at_s":2.0,"what":"ask for somebody"}],"schedule":3,
         "workers":8,"takes_s":45.0,"worker_skew_s":1.0}""",
    "a second room is made where a human archived the first before it was marked": """
        {"acts":[{"at_s":1.7,"what":"archive the room"},{"at_s":2.0,"what":"move back"}],"schedule":4,"places":true}""",
    "where a human has taken out a link of their own, ours never comes in": """
        {"acts":[{"at_s":1.0,"what":"write a link to the call"},{"at_s":2.0,"what":"empty the links"}],"places":true}""",
    "whoever chat refused to look up once is never invited": """
        {"acts":[{"at_s":0.0,"what":"take"}],
         "strikes":[{"operation":"slack.find_user_by_mail","nth":1,"fault":"409"}],"places":true}""",
    "the room that is archived in due time counts as moving": """
        {"acts":[{"at_s":1.0,"what":"resolve"}],"jira_skew_s":300.0,"places":true}""",
    "a topic is said again because it may be said openly now": """
        {"raises":[{"at_s":1.0}],"acts":[{"at_s":1.0,"what":"make it private"},{"at_s":2.0,"what":"lower to 3"},
         {"at_s":5.0,"what":"make it public"},{"at_s":5.0,"what":"change the topic"}],"places":true}""",
    "a page that is made blind because of our own comment is one too many": """
        {"raises":[{"at_s":0.0,"service":"Confluence"}],"acts":[{"at_s":1.0,"what":"close"}],
         "strikes":[{"operation":"ledger.read","nth":3,"fault":"throttled","until":6}],
         "outages":[{"system":"jira.recently_updated","from_s":0.0,"for_s":900.0,"fault":"reset after"},
                    {"system":"queue","from_s":0.0,"for_s":400.0,"fault":"throttled"}]}""",
    "a timeline that was under way when its incident became private counts as unmade": """
        {"acts":[{"at_s":1.0,"what":"make it private"}],
         "strikes":[{"operation":"confluence.create_page","nth":2,"fault":"409"}],"places":true}""",
    "comments that were being read when their incident became private count as unread": """
        {"acts":[{"at_s":1.0,"what":"hide"},{"at_s":1.0,"what":"make it private"}],"places":true}""",
    "a bookmark that was under way when we archived its room counts as unmade": """
        {"acts":[{"at_s":1.0,"what":"resolve"}],
         "strikes":[{"operation":"slack.put_bookmark","nth":1,"fault":"timeout, lands later"}],
         "outages":[{"system":"slack","from_s":0.0,"for_s":300.0,"fault":"timeout, lands later"}],"places":true}""",
    "messages double where the queue takes them and says that it has not, while the ledger is away": """
        {"acts":[{"at_s":0.0,"what":"lower to 3"}],
         "outages":[{"system":"ledger","from_s":0.0,"for_s":600.0,"fault":"throttled"},
                    {"system":"queue","from_s":0.0,"for_s":600.0,"fault":"5xx after"}]}""",
    "a page counts as late where every worker waits for what struck another incident": """
        {"raises":[{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":60.0}],
         "outages":[{"system":"opsgenie","from_s":0.0,"for_s":75.0,"fault":"timeout before"}],"schedule":4,
         "jira_skew_s":-300.0,"worker_skew_s":1.0}""",
    "a pass that read the issue before it became major closes the page that was made blind since": """
        {"raises":[{"at_s":0.0,"severity":3,"assignee":"emma"}],"acts":[{"at_s":0.45,"what":"raise to 1"},
         {"at_s":0.0,"what":"take"},{"at_s":2.0,"what":"comment"}],
         "strikes":[{"operation":"ledger.read","nth":2,"fault":"reset before"}],
         "fates":[{"sender":"jira","nth":1,"fate":"replayed","by_s":2.0}],"schedule":832525}""",
    "the word of an arrival counts as unsaid although its call is over": """
        {"acts":[{"at_s":0.0,"what":"ask for somebody"},{"at_s":60.0,"what":"lower to 3"}],"reactions":["ack 40"],
         "strikes":[{"operation":"slack.post","nth":1,"fault":"5xx before","until":4}],"places":true}""",
    "what only a webhook told of is settled where Jira fails for an hour": """
        {"raises":[{"at_s":0.0,"severity":3}],"acts":[{"at_s":0.0,"what":"find the service"}],
         "strikes":[{"operation":"jira.read","nth":1,"fault":"429, again in 3600 s","until":7}],"search_lag_s":600.0}""",
    "an order from while it was resolved is never told when it is opened again, since it would say that it is over": """
        {"raises":[{"at_s":0.0,"assignee":"emma"}],"acts":[{"at_s":0.0,"what":"resolve"},
         {"at_s":0.0,"what":"order an update"},{"at_s":100.0,"what":"reopen"}],"telling":true}""",
    "of updates that the mail server held up only the first is sent, for nobody comes by for the next": """
        {"reactions":["take 15"],"acts":[{"at_s":30.0,"what":"order an update"},{"at_s":30.0,"what":"remove our comment"},
         {"at_s":35.0,"what":"order an update"},{"at_s":36.0,"what":"order an update"},{"at_s":200.0,"what":"resolve"}],
         "telling":true,"outages":[{"system":"mail","from_s":20.0,"for_s":3000.0,"fault":"5xx before"}]}""",
    "what was ordered while it was hidden is told, one after the other, only once it is shown": """
        {"acts":[{"at_s":0.0,"what":"resolve"},{"at_s":0.0,"what":"order an update"},{"at_s":0.0,"what":"hide"}],
         "reactions":["take 15"],"fates":[{"sender":"pager","nth":1,"fate":"late","by_s":3000.0}],"telling":true}""",
    "wake-ups that were overtaken by sooner ones each book another": """
        {"raises":[{"at_s":30.0}],"acts":[{"at_s":33.0,"what":"forget the service"},
         {"at_s":0.0,"what":"write a link to the room"},{"at_s":30.0,"what":"rename"},{"at_s":81.7,"what":"resolve"},
         {"at_s":0.0,"what":"remove us from the room"}],"reactions":["ignore"],
         "outages":[{"system":"opsgenie","from_s":0.0,"for_s":60.0,"fault":"401"}],"schedule":1,"workers":4,"places":true}""",
    "what people ended on a page is looked at once more by whoever comes by next, however much later": """
        {"raises":[{"at_s":0.0,"assignee":"emma"}],"acts":[{"at_s":0.0,"what":"order a leak"},
         {"at_s":2.0,"what":"end it for staff"},{"at_s":1.0,"what":"remove our comment"},{"at_s":1.0,"what":"resolve"}],
         "strikes":[{"operation":"statuspage.unresolved","nth":1,"fault":"409","until":4}],"telling":true}""",
    "whoever left before it was known that they had been asked in is asked in once too often": """
        {"acts":[{"at_s":2.0,"what":"leave the room"}],
         "strikes":[{"operation":"slack.invite","nth":1,"fault":"too slow, and done"}],"places":true}""",
    "an archiving that was under way when its incident was taken up again counts as unmade": """
        {"acts":[{"at_s":1.0,"what":"resolve"},{"at_s":2.0,"what":"fix"}],
         "outages":[{"system":"secrets","from_s":2.0,"for_s":400.0,"fault":"throttled"}],"places":true}""",
    "a document that somebody wrote over before its label could be found is one too many": """
        {"acts":[{"at_s":0.0,"what":"move away"},{"at_s":2.0,"what":"write into the page"}],
         "strikes":[{"operation":"slack.find_user_by_mail","nth":1,"fault":"crash after"}],"schedule":4,
         "search_lag_s":60.0,"places":true}""",
    "a page counts as late where sweeps died at another's bell, and that one was poisoned besides": """
        {"raises":[{"at_s":30.0},{"at_s":0.0}],
         "strikes":[{"operation":"queue.send","nth":1,"fault":"crash before","until":9}],"poisoned":[1]}""",
    "whoever assigns to themselves what is theirs already counts as having taken it": """
        {"acts":[{"at_s":10.0,"what":"move away"},{"at_s":20.0,"what":"move back"}],"reactions":["ack 5","take 15"]}""",
    "the second sending of a mail about a lowered incident is tried for ever": """
        {"telling":true,"acts":[{"at_s":20.0,"what":"lower to 3"}],
         "strikes":[{"operation":"mail.send","nth":1,"fault":"timeout after"}]}""",
    "an update that was taken back once the page had it is tried as mail for ever": """
        {"telling":true,"acts":[{"at_s":20.0,"what":"order an update"},{"at_s":200.0,"what":"take the order back"}],
         "outages":[{"system":"mail","from_s":30.0,"for_s":300.0,"fault":"5xx before"}]}""",
    "a mail that died before its severity changed is sent again in another thread": """
        {"telling":true,"acts":[{"at_s":20.0,"what":"lower to 2"},{"at_s":40.0,"what":"order an update"}],
         "strikes":[{"operation":"mail.send","nth":1,"fault":"crash after"}]}""",
    "two orders that were let go while it was resolved each open an incident when it is reopened": """
        {"telling":true,"acts":[{"at_s":20.0,"what":"order an outage"},{"at_s":22.0,"what":"order one for customers"},
         {"at_s":79.0,"what":"resolve as a duplicate"},{"at_s":300.0,"what":"reopen"}],
         "strikes":[{"operation":"jira.read_comment","nth":1,"fault":"404","until":4}]}""",
    "an update that is amended where it stands counts as told after the next": """
        {"acts":[{"at_s":0.0,"what":"order an update"},{"at_s":1.0,"what":"order an update"},{"at_s":400.0,"what":"take"},
         {"at_s":400.0,"what":"resolve"}],"reactions":["ignore"],
         "strikes":[{"operation":"ledger.take_turn","nth":2,"fault":"5xx after"}],"telling":true}""",
    "a blind page counts as known although the message that told of it is among the dead letters": """
        {"acts":[{"at_s":0.0,"what":"forget the service"}],
         "outages":[{"system":"queue","from_s":1.0,"for_s":900.0,"fault":"reset before"},
                    {"system":"ledger","from_s":0.0,"for_s":900.0,"fault":"reset before"}]}""",
    "what somebody set going in a storm is left half done once it is resolved": """
        {"raises":[{"at_s":1.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},
         {"at_s":0.0},{"at_s":0.0},{"at_s":0.0}],"acts":[{"at_s":20.0,"what":"resolve"}],
         "outages":[{"system":"zoom","from_s":0.0,"for_s":20.0,"fault":"200 with an error inside"}],"places":true}""",
    "a mail counts as forgotten whose claims were both written and not answered for": """
        {"strikes":[{"operation":"ledger.insert","nth":1,"fault":"5xx after","until":9}],"telling":true}""",
    "durations stay that were computed before its times were in no order": """
        {"counted":true,"acts":[{"at_s":0.0,"what":"say elsewhere when it began"},
         {"at_s":1.0,"what":"say that it was detected too early"}]}""",
    "a time that we filled in and whose answer was lost counts as a human's": """
        {"counted":true,"strikes":[{"operation":"jira.put_fields","nth":1,"fault":"timeout, lands later"}]}""",
    "of two rollups at once the slower writes a month as it was before the other": """
        {"counted":true,"rollup_offset_s":60.0,"schedule":64,"acts":[{"at_s":58.0,"what":"rename"},
         {"at_s":58.35,"what":"rename"},{"at_s":58.7,"what":"rename"},{"at_s":59.05,"what":"rename"},
         {"at_s":59.4,"what":"rename"},{"at_s":59.75,"what":"rename"},{"at_s":61.1,"what":"rebuild by hand"}]}""",
    "a version is put again while the rollup merges it, and deleted unread": """
        {"counted":true,"rollup_offset_s":31.2,"strikes":[{"operation":"facts.put","nth":1,"fault":"timeout after"}]}""",
    "a page counts as late whose sweep was left out, since a rollup came just before": """
        {"company":"pagerduty","raises":[{"at_s":1.0}],"counted":true,"rollup_offset_s":1.0,
         "outages":[{"system":"pagerduty","from_s":0.0,"for_s":2.0,"fault":"429, again in 3600 s"}]}""",
    "a mail is sent a third time whose second sending was let go, tried again, and died": """
        {"telling":true,"acts":[{"at_s":10.0,"what":"lower to 3"},{"at_s":60.0,"what":"lower to 2"}],
         "strikes":[{"operation":"mail.send","nth":1,"fault":"too slow, and done","until":4}]}""",
    "a duration stays of a start that was taken out again, where whoever wrote it had died": """
        {"counted":true,"acts":[{"at_s":9.0,"what":"say when it began"},{"at_s":26.0,"what":"take out the start"}],
         "strikes":[{"operation":"jira.put_fields","nth":3,"fault":"crash after"}]}""",
    "a topic counts as set although the room that we were put out of refused it": """
        {"acts":[{"at_s":8.0,"what":"remove us from the room"},{"at_s":12.0,"what":"change the topic"},
         {"at_s":20.0,"what":"lower to 2"},{"at_s":40.0,"what":"raise to 1"}],"places":true}""",
    "an update that was due while it was hidden is let go, and told after the next": """
        {"acts":[{"at_s":4.7,"what":"order an update"},{"at_s":5.0,"what":"order an update"},{"at_s":65.0,"what":"raise to 2"},
         {"at_s":65.4,"what":"hide"}],
         "strikes":[{"operation":"statuspage.open","nth":1,"fault":"429, again in 30 s"}],"telling":true}""",
    "an update whose order could not be read while it was hidden is let go, and told after the next": """
        {"acts":[{"at_s":4.7,"what":"order an update"},{"at_s":5.0,"what":"order an update"},{"at_s":65.3,"what":"hide"},
         {"at_s":67.6,"what":"show"},{"at_s":100.0,"what":"rename"}],"telling":true}""",
    "our comment, edited while it was hidden, counts as removed, and says what is over": """
        {"raises":[{"at_s":1.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},
         {"at_s":0.0},{"at_s":0.0},{"at_s":0.0}],"reactions":["ignore"],
         "acts":[{"at_s":20.0,"what":"resolve"},{"at_s":20.8,"what":"hide"},{"at_s":21.8,"what":"show"},
         {"at_s":24.55,"what":"hide"},{"at_s":25.55,"what":"show"}]}""",
    "of two mails one was let go while it was private, and is sent after the other": """
        {"acts":[{"at_s":4.7,"what":"order an update"},{"at_s":5.0,"what":"order an update"},
         {"at_s":65.2,"what":"hush it up"},{"at_s":100.0,"what":"speak of it again"}],"schedule":5,"telling":true}""",
    "of two updates one was let go while it was private, and is said in the room after the other": """
        {"acts":[{"at_s":4.7,"what":"order an update"},{"at_s":5.0,"what":"order an update"},
         {"at_s":65.6,"what":"hush it up"},{"at_s":100.0,"what":"call it a drill"}],
         "schedule":7,"places":true,"telling":true}""",
    "an update that was told is amended, since a pass from before read its order after the resolve": """
        {"telling":true,"raises":[{"at_s":0.0,"assignee":"emma"}],
         "acts":[{"at_s":20.0,"what":"order one for customers"},{"at_s":79.5,"what":"resolve"}]}""",
    "an end of ours is emptied on a reopening in the moment in which a human takes it out": """
        {"acts":[{"at_s":0.0,"what":"resolve it as cancelled"},{"at_s":400.0,"what":"reopen"},
         {"at_s":402.7,"what":"take out the end"}],"schedule":5,"counted":true}""",
    "an update that was told is amended, since its incident was opened again while it was told": """
        {"raises":[{"at_s":0.0,"service":"Confluence"}],
         "acts":[{"at_s":10.0,"what":"resolve as a duplicate"},{"at_s":10.0,"what":"order an outage"},
         {"at_s":100.0,"what":"reopen"}],"places":true,"telling":true}""",
    "an order is told on a page as it was read before, while the same pass reads it anew": """
        {"telling":true,"raises":[{"at_s":1.0,"severity":null,"service":"Unknown","assignee":"default"}],
         "acts":[{"at_s":5.0,"what":"order one for customers"},{"at_s":27.7,"what":"lower to 3"},
         {"at_s":132.7,"what":"take"},{"at_s":401.0,"what":"lower to 2"}]}""",
    "a mail is sent a third time whose first sending died before its incident was private for a while": """
        {"telling":true,"acts":[{"at_s":30.0,"what":"hush it up"},{"at_s":200.0,"what":"speak of it again"}],
         "strikes":[{"operation":"mail.send","nth":1,"fault":"crash after"},
                    {"operation":"mail.send","nth":2,"fault":"timeout after"}]}""",
    "two passes that know different orders each open an incident on the page": """
        {"telling":true,"acts":[{"at_s":1.0,"what":"assign to somebody else"},{"at_s":0.0,"what":"show a draft"},
          {"at_s":0.0,"what":"say that customers notice"},{"at_s":1.0,"what":"order an outage"}],
         "outages":[{"system":"secrets","from_s":0.0,"for_s":60.0,"fault":"5xx before"}]}""",
    "a life is called restless whose second roster was asked only after ten minutes": """
        {"company":"two imoc rosters","raises":[{"at_s":0.0,"assignee":"emma"}],
         "acts":[{"at_s":0.0,"what":"fix"},{"at_s":0.0,"what":"unassign"}],"reactions":["fix 20","ack 5"],
         "fates":[{"sender":"jira","nth":1,"fate":"lost"}],"pager_hooks":false}""",
    "a page counts as late although an alert that nobody could know of stands in its place": """
        {"acts":[{"at_s":0.0,"what":"forget the service"},{"at_s":60.0,"what":"resolve as a duplicate"},
                 {"at_s":100.0,"what":"reopen"}],
         "strikes":[{"operation":"ledger.read","nth":2,"fault":"timeout, lands later"}],
         "outages":[{"system":"queue","from_s":0.0,"for_s":10.0,"fault":"throttled"}],"telling":true}""",
    "what was told to customers first, long after the resolve, is left without its last word": """
        {"telling":true,"acts":[{"at_s":0.0,"what":"order one for customers"},{"at_s":1.0,"what":"edit the order"},
         {"at_s":2.0,"what":"remove our comment"},{"at_s":10.0,"what":"resolve"}],
         "strikes":[{"operation":"jira.groups_of","nth":1,"fault":"429, again in 3600 s"}]}""",
    "an order that was let go as mail while it could not be read anew is never sent as it reads since": """
        {"telling":true,"acts":[{"at_s":0.0,"what":"order an update"},{"at_s":1.0,"what":"edit the order"},
         {"at_s":2.0,"what":"remove our comment"}],
         "strikes":[{"operation":"jira.groups_of","nth":1,"fault":"429, again in 3600 s"}]}""",
    "a page counts as late although its only pager did nothing, since something else had failed before": """
        {"company":"one pager","acts":[{"at_s":20.0,"what":"lower to 3"},{"at_s":30.0,"what":"raise to 2"}],
         "outages":[{"system":"secrets","from_s":1.0,"for_s":2.0,"fault":"5xx before"}],"deaf":[20.0,300.0]}""",
    "our own acknowledgement of a page that was made blind counts as one by somebody": """
        {"acts":[{"at_s":12.0,"what":"ask for somebody"},{"at_s":13.7,"what":"acknowledge"},{"at_s":50.4,"what":"close"},
          {"at_s":66.7,"what":"assign to the default"}],"reactions":["take 15","close 30","fix 20"],
         "outages":[{"system":"ledger","from_s":30.0,"for_s":200.0,"fault":"5xx after"}],"schedule":531693,
         "pager_skew_s":-300.0}""",
    "a comment on an older word, while word of the page that comes first is in the queue": """
        {"raises":[{"at_s":30.0,"severity":3}],"acts":[{"at_s":30.0,"what":"lower to 2"}],
         "strikes":[{"operation":"jira.read","nth":1,"fault":"5xx before"}],"schedule":2,"sweep_offset_s":59.0,
         "jira_skew_s":300.0}""",
    "old word of a page that was sent without ledger and queue makes its record begin anew": """
        {"acts":[{"at_s":30.0,"what":"resolve"}],"reactions":["close 5"],"list_lag_s":20.0,
         "outages":[{"system":"ledger","from_s":0.0,"for_s":900.0,"fault":"reset after"},
                    {"system":"queue","from_s":0.0,"for_s":900.0,"fault":"timeout, lands later"}]}""",
    "a page that was made without the ledger is closed with an alert that another stage had left": """
        {"strikes":[{"operation":"ledger.book_wake","nth":1,"fault":"reset before"}],"long_ago":"left",
         "fates":[{"sender":"jira","nth":1,"fate":"lost"}]}""",
    "words of an incident stay in the events of a rollup that died, though it is gone": """
        {"acts":[{"at_s":0.0,"what":"keep it secret"},{"at_s":100.0,"what":"speak of it again"},{"at_s":300.0,"what":"delete"}],
         "strikes":[{"operation":"rollup.put","nth":2,"fault":"timeout after","until":5}],"telling":true,"counted":true,
         "rollup_offset_s":100.0}""",
    "a page counts as late although every worker was busy with the rooms of another incident": """
        {"raises":[{"at_s":0.0,"severity":3},{"at_s":0.0}],"acts":[{"at_s":1.0,"what":"raise to 1"}],"schedule":3,
         "places":true}""",
    "a reminder that failed counts as forgotten although the lowered incident is not due for it yet": """
        {"acts":[{"at_s":10.0,"what":"lower to 3"}],"places":true,"telling":true,
         "outages":[{"system":"secrets","from_s":10.0,"for_s":300.0,"fault":"reset after"}]}""",
    "a world counts as restless that tells again, a day later, of an issue that was shown again a day after it was hidden": """
        {"raises":[{"at_s":0.0},{"at_s":0.0,"severity":3}],"acts":[{"at_s":0.0,"what":"hide"}],
         "fates":[{"sender":"jira","nth":3,"fate":"replayed","by_s":86400.0}]}""",
    "a page rings again for an answer that its pager's other page waited for in vain, and that counts as no look": """
        {"reactions":["close 5"],"outages":[{"system":"opsgenie","from_s":2.0,"for_s":75.0,"fault":"timeout after"}],
         "pager_hooks":false}""",
    "whoever was refused is asked again late, since a page that rings nobody was accepted": """
        {"company":"pagerduty","raises":[{"at_s":30.0,"service":"Confluence"}],"schedule":1,"sweep_offset_s":1.0,
         "acts":[{"at_s":0.0,"what":"reopen"},{"at_s":38.4,"what":"resolve"},{"at_s":200.0,"what":"reopen"}],
         "outages":[{"system":"pagerduty","from_s":100.0,"for_s":300.0,"fault":"409"},
                    {"system":"pagerduty","from_s":0.0,"for_s":75.0,"fault":"timeout, lands later"}]}""",
    "that an issue had left once counts as word of it when it leaves again": """
        {"acts":[{"at_s":0.0,"what":"move away"},{"at_s":1.0,"what":"move back"},{"at_s":100.0,"what":"delete"}],
         "outages":[{"system":"ledger","from_s":100.0,"for_s":30.0,"fault":"timeout after"}],"deaf":[0.0,300.0]}""",
    "each request at two slow pagers makes the world look twice as often": """
        {"raises":[{"at_s":0.0},{"at_s":8.0},{"at_s":16.0},{"at_s":24.0},{"at_s":32.0},{"at_s":40.0},{"at_s":48.0},{"at_s":56.0},
                   {"at_s":64.0},{"at_s":72.0}],"schedule":1,"workers":8,"takes_s":45.0,
         "outages":[{"system":"opsgenie","from_s":0.0,"for_s":200.0,"fault":"timeout after"}]}""",
    "an acknowledgement is to be known of a page that is left alone, since Jira shows its issue never again": """
        {"raises":[{"at_s":30.0}],"acts":[{"at_s":30.0,"what":"lower to 3"},{"at_s":30.0,"what":"delete"}],
         "strikes":[{"operation":"ledger.read","nth":1,"fault":"throttled"}],
         "fates":[{"sender":"jira","nth":3,"fate":"lost"}]}""",
    "a room that is closed to us counts as unsaid before Jira's clock has come to the quarter": """
        {"acts":[{"at_s":2.0,"what":"remove us from the room"}],"jira_skew_s":300.0,"places":true,"telling":true}""",
    "a wake-up for the next look at a closed room counts as restlessness": """
        {"acts":[{"at_s":2.0,"what":"remove us from the room"}],"places":true,"counted":true,"rollup_offset_s":1.0,
         "strikes":[{"operation":"rollup.replace","nth":1,"fault":"too slow, and done"}]}""",
    "an order that Jira said to be gone and shows again is told late, and counts as out of order": """
        {"raises":[{"at_s":0.0,"assignee":"emma"}],"acts":[{"at_s":0.0,"what":"order an update"},
         {"at_s":1.0,"what":"order an update"}],"reactions":["ignore"],"telling":true,
         "strikes":[{"operation":"jira.read_comment","nth":1,"fault":"404"}]}""",
    "a counted life of two, one of which was moved away and deleted, ends before the other's row is settled": """
        {"raises":[{"at_s":0.0},{"at_s":0.0}],"acts":[{"at_s":0.0,"what":"move away","incident":1},
         {"at_s":0.0,"what":"resolve"},{"at_s":0.0,"what":"delete","incident":1}],"counted":true}""",
    "a last look into a room that was begun and is wanted no more counts as to be made": """
        {"acts":[{"at_s":30.0,"what":"resolve"}],"places":true,
         "outages":[{"system":"secrets","from_s":30.0,"for_s":900.0,"fault":"throttled"}]}""",
    "links that were begun before the issue was hidden and resolved count as to be made": """
        {"acts":[{"at_s":2.0,"what":"hide"},{"at_s":2.0,"what":"remove us from the room"},
         {"at_s":1.0,"what":"name a tech lead"},{"at_s":5.0,"what":"resolve"}],"schedule":2,"places":true}""",
    "a room is to be kept right before the quarter of an hour in which it was opened again is over": """
        {"acts":[{"at_s":1.0,"what":"resolve"},{"at_s":400.0,"what":"reopen"},{"at_s":2211.0,"what":"open the room again"}],
         "places":true}""",
    "a room that we archived counts as open when its incident is to be settled": """
        {"acts":[{"at_s":1.0,"what":"lower to 3"},{"at_s":1.0,"what":"resolve it as cancelled"},
         {"at_s":400.0,"what":"reopen"}],"places":true,"counted":true}""",
    "what a page said to be gone counts as left open there by a deleted issue": """
        {"acts":[{"at_s":0.0,"what":"order an update"},{"at_s":100.0,"what":"delete"}],"telling":true,
         "strikes":[{"operation":"statuspage.read","nth":1,"fault":"404"}]}""",
    "an alert that another stage had left takes in a page that was sent without a look": """
        {"strikes":[{"operation":"opsgenie.find","nth":1,"fault":"401"}],"long_ago":"left",
         "fates":[{"sender":"jira","nth":1,"fate":"lost"}]}""",
    "what pagers and Jira tell of a busy incident counts as wake-ups that are not merged": """
        {"raises":[{"at_s":0.0,"service":"Confluence"}],"acts":[{"at_s":20.0,"what":"ask for somebody"},
         {"at_s":81.7,"what":"lower to 3"},{"at_s":95.0,"what":"raise to 2"}],"schedule":2,"takes_s":12.0,
         "outages":[{"system":"opsgenie","from_s":10.0,"for_s":30.0,"fault":"404"}],
         "fates":[{"sender":"jira","nth":1,"fate":"lost"}]}""",
    "a page of what moved away and was deleted counts as left before its pager has owed nothing for six minutes": """
        {"raises":[{"at_s":1.0}],"acts":[{"at_s":1.0,"what":"move away"},{"at_s":1.0,"what":"delete"}],
         "strikes":[{"operation":"ledger.read","nth":1,"fault":"401"}]}""",
    "a message whose function died the last time that it was handed out counts as lost": """
        {"acts":[{"at_s":0.0,"what":"find the service"},{"at_s":10.0,"what":"delete"}],"reactions":["close 5"],
         "strikes":[{"operation":"ledger.book_wake","nth":1,"fault":"crash before"},
                    {"operation":"jira.read","nth":9,"fault":"crash after","until":12}],
         "outages":[{"system":"ledger","from_s":20.0,"for_s":200.0,"fault":"reset after"}],
         "sweep_offset_s":1.0,"pager_hooks":false}""",
    "who acknowledges what has come back does not get it, since we had moved it before it left": """
        {"acts":[{"at_s":120.0,"what":"reopen"},{"at_s":240.0,"what":"move away"},{"at_s":300.0,"what":"move back"}],
         "reactions":["ack 5","ack 40"]}""",
    "nobody comes by when a start is asked for no more that will not be filled in": """
        {"acts":[{"at_s":0.0,"what":"say that it ended too early"},{"at_s":0.0,"what":"resolve"}],"counted":true}""",
    "whoever acknowledged an alert of an escalation, and closed it, is taken for nobody where it rang once more": """
        {"company":"pagerduty","acts":[{"at_s":1.4,"what":"ask for somebody"},{"at_s":50.0,"what":"acknowledge"}],
         "reactions":["close 30"],"workers":4,"list_lag_s":20.0,"takes_s":2.0,"pager_hooks":false,
         "outages":[{"system":"opsgenie","from_s":0.0,"for_s":75.0,"fault":"timeout, lands later"}]}""",
    "an alert that was found in the last moment in which it might still come is not heard": """
        {"company":"pagerduty","acts":[{"at_s":1.0,"what":"close"}],"reactions":["ack 5","fix 20"],
         "strikes":[{"operation":"queue.send","nth":8,"fault":"throttled","until":9},
                    {"operation":"pagerduty.find","nth":2,"fault":"half a body","until":6}],
         "outages":[{"system":"ledger","from_s":20.0,"for_s":300.0,"fault":"5xx after"}]}""",
    "what was told of while its pager cannot be asked is not looked for when that is over": """
        {"reactions":["close 5","take 15"],"strikes":[{"operation":"opsgenie.find","nth":1,"fault":"reset after","until":9}],
         "outages":[{"system":"ledger","from_s":1.0,"for_s":400.0,"fault":"timeout before"}],"pager_hooks":false}""",
    "a look while a create is under way counts as one before it was sent": """
        {"raises":[{"at_s":0.0,"assignee":"emma"}],"acts":[{"at_s":1.75,"what":"raise to 2"},
         {"at_s":0.0,"what":"acknowledge"},{"at_s":0.0,"what":"acknowledge"},{"at_s":10.0,"what":"take"}],
         "reactions":["close 0.2"],"strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout, lands later"},
         {"operation":"queue.send","nth":3,"fault":"timeout after"}],"schedule":780005,"sweep_offset_s":1.0,"takes_s":2.0}""",
    "who acknowledges the page and who is asked to take over, at the same time, both get it": """
        {"raises":[{"at_s":0.0,"severity":3}],"acts":[{"at_s":0.0,"what":"take"},{"at_s":0.0,"what":"fix by a robot"},
         {"at_s":0.0,"what":"assign to the default"},{"at_s":300.0,"what":"raise to 1"}]}""",
    "a page that may ring again counts as forgotten where its issue was deleted and nobody said so": """
        {"acts":[{"at_s":0.0,"what":"resolve"},{"at_s":0.0,"what":"move back"},{"at_s":30.0,"what":"delete"}],
         "strikes":[{"operation":"ledger.read","nth":1,"fault":"timeout before"}],
         "fates":[{"sender":"jira","nth":4,"fate":"lost"}]}""",
    "who acknowledged a page before late words of a resolve and a reopening came counts as woken for nothing": """
        {"acts":[{"at_s":0.0,"what":"hide"},{"at_s":1.0,"what":"forget the service"},{"at_s":5.0,"what":"resolve"},
         {"at_s":30.0,"what":"fix by a robot"}],"search_lag_s":600.0,"jira_skew_s":300.0,
         "outages":[{"system":"queue","from_s":0.0,"for_s":60.0,"fault":"reset before"}]}""",
    "a pager that has closed a page at last counts as one that does not, and somebody else is told that nobody answers": """
        {"company":"one pager","acts":[{"at_s":10.0,"what":"lower to 3"},{"at_s":310.0,"what":"raise to 1"}],
         "deaf":[1.0,300.0]}""",
    "what was told of the moment before counts as word of a hidden issue that is open again": """
        {"acts":[{"at_s":0.0,"what":"hide"},{"at_s":30.0,"what":"fix"},{"at_s":30.0,"what":"reopen"}],
         "fates":[{"sender":"jira","nth":1,"fate":"lost"},{"sender":"jira","nth":3,"fate":"late","by_s":60.0}]}""",
    "who was asked for and not reached is called again before a page that is missing by now": """
        {"acts":[{"at_s":0.0,"what":"take"},{"at_s":33.0,"what":"ask for somebody"},
         {"at_s":55.0,"what":"assign to the default"}],"schedule":1,
         "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"429","until":2}],
         "fates":[{"sender":"jira","nth":1,"fate":"lost"}]}""",
    "an alert that rang on into an episode, in which somebody has it at first, counts as none of its pages": """
        {"raises":[{"at_s":30.0}],"acts":[{"at_s":30.0,"what":"resolve"},{"at_s":100.0,"what":"reopen"}],
         "reactions":["fix 20"],"strikes":[{"operation":"ledger.replace","nth":4,"fault":"429"},
                                           {"operation":"opsgenie.read","nth":2,"fault":"429","until":7}]}""",
    "an alert that rang on until somebody else answered, and that we acknowledged then, counts as closed by us": """
        {"acts":[{"at_s":120.0,"what":"move away"},{"at_s":125.0,"what":"move back"}],"reactions":["ignore","ack 5"],
         "strikes":[{"operation":"opsgenie.close","nth":1,"fault":"timeout before"}]}""",
    "a pager that does nothing, and whose looks fail too, counts as one that failed in passing": """
        {"acts":[{"at_s":1.0,"what":"resolve"},{"at_s":10.0,"what":"reopen"}],"deaf":[1.0,300.0],
         "strikes":[{"operation":"opsgenie.find","nth":4,"fault":"timeout before","until":9}]}""",
    "a page of which an older alert is known is given up before its pager has owed nothing for six minutes": """
        {"raises":[{"at_s":0.0,"service":"Confluence"}],"acts":[{"at_s":20.0,"what":"resolve"},{"at_s":30.0,"what":"reopen"}],
         "reactions":["close 30","ack 5"],"pager_hooks":false,"deaf":[20.0,300.0]}""",
    "what was taken in an episode is to be taken again after a gap that nobody saw": """
        {"acts":[{"at_s":120.0,"what":"resolve"},{"at_s":120.0,"what":"reopen"},{"at_s":0.0,"what":"raise to 1"}],
         "strikes":[{"operation":"opsgenie.confirm","nth":4,"fault":"timeout before"},
                    {"operation":"opsgenie.read","nth":1,"fault":"crash after","until":4}],
         "pager_hooks":false,"deaf":[20.0,150.0]}""",
    "what is wanted anew waits for a minute since the old alert could not be closed": """
        {"raises":[{"at_s":0.0,"service":"Never heard of"}],"acts":[{"at_s":200.0,"what":"resolve"},
         {"at_s":300.0,"what":"reopen"}],"strikes":[{"operation":"opsgenie.close","nth":1,"fault":"5xx before","until":4}],
         "takes_s":45.0}""",
    "what is wanted anew waits for a minute since the old alert could not be looked for": """
        {"acts":[{"at_s":120.0,"what":"lower to 3"},{"at_s":180.0,"what":"raise to 1"}],"schedule":1,"takes_s":12.0,
         "outages":[{"system":"opsgenie","from_s":100.0,"for_s":75.0,"fault":"429, again in garbage"}]}""",
    "one of two pages that were made at once counts as ended over its open alert, which the other keeps": """
        {"raises":[{"at_s":30.0,"severity":3,"service":null}],"acts":[{"at_s":33.0,"what":"find the service"},
         {"at_s":0.0,"what":"unassign"},{"at_s":150.0,"what":"raise to 1"},{"at_s":150.0,"what":"take"},
         {"at_s":150.3,"what":"assign to the default"},{"at_s":0.0,"what":"resolve"},{"at_s":0.0,"what":"fix by a robot"}],
         "strikes":[{"operation":"queue.send","nth":2,"fault":"5xx after","until":3},
                    {"operation":"ledger.insert","nth":4,"fault":"reset before"},
                    {"operation":"ledger.read","nth":3,"fault":"reset after","until":6},
                    {"operation":"ledger.insert","nth":2,"fault":"timeout, lands later","until":3},
                    {"operation":"opsgenie.open_page","nth":1,"fault":"429, again in 3600 s"}],
         "schedule":208844,"workers":4,"sweep_offset_s":59.0,"worker_skew_s":1.0}""",
    "word of an older departure counts as word of a deletion that nobody has told of": """
        {"acts":[{"at_s":0.0,"what":"move away"},{"at_s":30.0,"what":"move back"},{"at_s":60.0,"what":"delete"}],
         "outages":[{"system":"queue","from_s":0.0,"for_s":100.0,"fault":"throttled"}]}""",
    "whoever was refused is asked again after five minutes, since a page that is over once rang somebody": """
        {"company":"pagerduty","acts":[{"at_s":1.0,"what":"unassign"},{"at_s":2.0,"what":"forget the service"},
         {"at_s":60.0,"what":"resolve"},{"at_s":75.0,"what":"fix by a robot"}],"pager_hooks":false,
         "strikes":[{"operation":"pagerduty.find","nth":1,"fault":"401","until":4},
                    {"operation":"pagerduty.open_page","nth":3,"fault":"404"}],
         "fates":[{"sender":"jira","nth":1,"fate":"lost"}]}""",
    "a deletion whose word lies among the dead letters counts as known": """
        {"acts":[{"at_s":1.0,"what":"delete"}],
         "outages":[{"system":"ledger","from_s":1.0,"for_s":900.0,"fault":"timeout before"},
                    {"system":"queue","from_s":2.0,"for_s":900.0,"fault":"401"}]}""",
    "a mail that was refused, and whose second answer was lost, counts as not told": """
        {"telling":true,"strikes":[{"operation":"mail.send","nth":2,"fault":"timeout before"},
                                   {"operation":"mail.send","nth":1,"fault":"409"}]}""",
    "a comment is written on the word of who took it, before the page that is missing by the next word": """
        {"company":"pagerduty","raises":[{"at_s":30.0,"severity":null}],
         "acts":[{"at_s":35.0,"what":"take"},{"at_s":35.0,"what":"unassign"}],
         "strikes":[{"operation":"jira.read","nth":1,"fault":"half a body","until":4}],
         "outages":[{"system":"pagerduty","from_s":0.0,"for_s":60.0,"fault":"timeout before"}]}""",
    "an order that held back a leak becomes a day old, and nobody comes for that": """
        {"telling":true,"acts":[{"at_s":8.0,"what":"resolve"},{"at_s":1.0,"what":"order a leak"}],
         "fates":[{"sender":"jira","nth":1,"fate":"replayed","by_s":86400.0}]}""",
    "what came back under another key, and was deleted at once, counts as left open with nobody called": """
        {"acts":[{"at_s":10.0,"what":"move away"},{"at_s":20.0,"what":"move back"},{"at_s":20.0,"what":"delete"}],
         "telling":true}""",
    "who was rung without the ledger, and by the page of a later episode, counts as rung twice": """
        {"raises":[{"at_s":30.0,"severity":null}],"acts":[{"at_s":31.0,"what":"move away"},{"at_s":32.0,"what":"move back"},
         {"at_s":42.0,"what":"forget the service"},{"at_s":60.0,"what":"find the service"}],"reactions":["ignore"],
         "strikes":[{"operation":"ledger.read","nth":4,"fault":"5xx after"}],"schedule":2,"list_lag_s":20.0}""",
    "who could not be invited to a private room stays outside though it is open again": """
        {"raises":[{"at_s":30.0}],"acts":[{"at_s":30.0,"what":"make it private"},{"at_s":60.0,"what":"archive the room"},
         {"at_s":100.0,"what":"open the room again"}],"reactions":["ack 40"],"places":true}""",
    "an alert that its pager makes only once somebody is needed again counts as no page": """
        {"raises":[{"at_s":20.0}],"acts":[{"at_s":60.0,"what":"resolve"},{"at_s":100.0,"what":"reopen"}],
         "reactions":["close 5"],"takes_s":45.0,
         "strikes":[{"operation":"ledger.read","nth":1,"fault":"timeout, lands later","until":12}]}""",
    "an order that was a day old when the incident was opened again counts as not told": """
        {"acts":[{"at_s":0.0,"what":"resolve"},{"at_s":0.0,"what":"order an update"},{"at_s":90000.0,"what":"reopen"}],
         "telling":true}""",
    "products that another incident holds back are to be looked at while a rollup is waited for": """
        {"raises":[{"at_s":0.0},{"at_s":0.0}],"acts":[{"at_s":10.0,"what":"resolve"},
         {"at_s":0.0,"what":"say elsewhere when it began"}],"telling":true,"counted":true,
         "strikes":[{"operation":"rollup.get","nth":1,"fault":"timeout after"}]}""",
    "whoever is called for an incident that was left, five minutes later by a clock that is late, comes too late": """
        {"acts":[{"at_s":600.0,"what":"unassign"}],"schedule":3,"jira_skew_s":300.0,"worker_skew_s":1.0}""",
    "who began before the ledger heard that somebody is needed, and cannot read Jira, knows it all the same": """
        {"acts":[{"at_s":0.0,"what":"lower to 3"},{"at_s":300.0,"what":"raise to 1"}],
         "outages":[{"system":"jira","from_s":1.0,"for_s":300.0,"fault":"timeout after"}],
         "sweep_offset_s":47.0,"jira_skew_s":300.0}""",
    "whoever has to read the history first, to see that a robot is fixing it, has five seconds for the page": """
        {"company":"pagerduty","raises":[{"at_s":0.0,"severity":3}],
         "acts":[{"at_s":1.0,"what":"lower to 3"},{"at_s":30.0,"what":"resolve"},
         {"at_s":60.0,"what":"fix by a robot"},{"at_s":300.0,"what":"raise to 1"}],
         "strikes":[{"operation":"ledger.read","nth":2,"fault":"5xx after","until":3}],"schedule":484515}""",
    "a page without the ledger, of what was just young enough when it was looked for, counts as one too many": """
        {"raises":[{"at_s":1.0,"severity":null}],"reactions":["close 5"],
         "outages":[{"system":"ledger","from_s":100.0,"for_s":30.0,"fault":"timeout, lands later"}],
         "schedule":5,"sweep_offset_s":1.0,"pager_skew_s":-300.0}""",
    "what a sweep finds once, and cannot be read then, is due no more": """
        {"raises":[{"at_s":0.0,"severity":3}],"acts":[{"at_s":1.0,"what":"comment"}],
         "strikes":[{"operation":"jira.read","nth":1,"fault":"half a body","until":9}],
         "outages":[{"system":"jira","from_s":0.0,"for_s":900.0,"fault":"429"}]}""",
    "what somebody took, and gave back before fixing it, rings for nobody any more": """
        {"acts":[{"at_s":60.0,"what":"take"},{"at_s":75.0,"what":"unassign"}],"reactions":["ignore"]}""",
    "what somebody moved to Fixing, and back, rings for nobody any more": """
        {"acts":[{"at_s":60.0,"what":"fix"},{"at_s":75.0,"what":"reopen"}],"reactions":["ignore"]}""",
    "whoever answers the page of what had been left long before is called once more, as if nobody had": """
        {"company":"two imoc rosters","raises":[{"at_s":0.0,"service":"Confluence","assignee":"default"}],
         "acts":[{"at_s":1.02,"what":"take"},{"at_s":5.01,"what":"fix"},{"at_s":6.02,"what":"unassign"},
         {"at_s":305.01,"what":"reopen"}],"reactions":["ack 5","close 5"],
         "outages":[{"system":"secrets","from_s":0.2,"for_s":75.0,"fault":"401"}],"pager_hooks":false,"deaf":[20.0,300.0]}""",
    "who was asked to take over is let go when the issue is moved back, though it had been left before": """
        {"acts":[{"at_s":5.0,"what":"fix"},{"at_s":6.0,"what":"take"},{"at_s":11.0,"what":"unassign"},
         {"at_s":321.0,"what":"reopen"}],"reactions":["ignore"]}""",
    "where the first pager does not close the old alert, our comment does not wait for the second to accept the page": """
        {"raises":[{"at_s":0.0,"severity":2,"assignee":"emma"}],"acts":[{"at_s":0.45,"what":"find the service"},
         {"at_s":3.4,"what":"ask for nobody"},{"at_s":4.7,"what":"acknowledge"},{"at_s":13.7,"what":"reopen"},
         {"at_s":20.01,"what":"move away"},{"at_s":30.03,"what":"resolve"},{"at_s":60.02,"what":"take"},
         {"at_s":65.02,"what":"unassign"},{"at_s":80.01,"what":"move back"},{"at_s":90.03,"what":"reopen"},
         {"at_s":90.4,"what":"close"},{"at_s":310.4,"what":"assign to somebody else"}],
         "reactions":["ack 0.2","ack 5","ack 5"],"schedule":307532,"sweep_offset_s":47.0,"takes_s":2.0,
         "strikes":[{"operation":"ledger.insert","nth":3,"fault":"401","until":6}],
         "outages":[{"system":"pagerduty","from_s":0.0,"for_s":900.0,"fault":"half a body"}],
         "fates":[{"sender":"jira","nth":3,"fate":"late","by_s":400.0},{"sender":"pager","nth":2,"fate":"lost","by_s":100.0},
         {"sender":"jira","nth":1,"fate":"forged","by_s":100.0}],"begins":"2027-03-28T00:55:00+00:00",
         "jira_skew_s":300.0,"pager_hooks":false,"deaf":[20.0,300.0],"healed_s":300.0}""",
    "where somebody moved it to Fixing and back in a storm, our comment has to say again that the rest waits": """
        {"raises":[{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0},
         {"at_s":1.0},{"at_s":0.0},{"at_s":0.0},{"at_s":0.0}],"acts":[{"at_s":10.0,"what":"fix","incident":7},
         {"at_s":20.0,"what":"reopen","incident":7}],"reactions":["ignore"],"jira_skew_s":300.0,"deaf":[1.0,300.0]}""",
    "an issue that left and is back rings for nobody, where we had acknowledged a page for whoever answered another": """
        {"raises":[{"at_s":0.0,"severity":3,"service":"Confluence"}],"acts":[{"at_s":0.0,"what":"raise to 1"},
         {"at_s":0.0,"what":"move away"},{"at_s":60.0,"what":"move back"}],
         "outages":[{"system":"jira","from_s":0.0,"for_s":60.0,"fault":"timeout after"},
         {"system":"ledger","from_s":0.0,"for_s":20.0,"fault":"timeout before"}]}""",
    "a page made blind, acknowledged, and not yet written down when somebody is needed again, counts as one not sent": """
        {"acts":[{"at_s":2.0,"what":"forget the service"},{"at_s":60.0,"what":"lower to 3"},{"at_s":100.0,"what":"raise to 1"}],
         "strikes":[{"operation":"ledger.insert","nth":3,"fault":"crash before"},
         {"operation":"ledger.read","nth":2,"fault":"reset after","until":12}],"pager_hooks":false}""",
    "what is acknowledged for whoever takes it in Jira later ends, because somebody had answered another page of it before": """
        {"raises":[{"at_s":0.0,"service":"Unknown"}],"acts":[{"at_s":20.0,"what":"find the service"},
         {"at_s":120.0,"what":"resolve"},{"at_s":135.0,"what":"fix by a robot"},{"at_s":200.0,"what":"take"},
         {"at_s":300.0,"what":"assign to the default"}],"reactions":["ack 5","fix 20"],"takes_s":12.0}""",
    "one look that waits in vain counts for three, and whoever closed the page is rung again": """
        {"raises":[{"at_s":0.0},{"at_s":0.0}],"acts":[{"at_s":1.0,"what":"acknowledge","incident":1}],"reactions":["close 30"],
         "strikes":[{"operation":"opsgenie.find","nth":1,"fault":"timeout before","until":5},
         {"operation":"ledger.read","nth":3,"fault":"crash after"},
         {"operation":"queue.send","nth":1,"fault":"reset before","until":2},
         {"operation":"jira.read","nth":2,"fault":"crash before","until":6}],
         "fates":[{"sender":"pager","nth":1,"fate":"late","by_s":60.0},{"sender":"jira","nth":3,"fate":"lost"}]}""",
    "whoever answered, and moves it back to New and is taken off it, has it for ever": """
        {"acts":[{"at_s":60.0,"what":"reopen"},{"at_s":61.0,"what":"unassign"}],"reactions":["ack 5","ignore"]}""",
    "who is rung to take over is let go when what was answered before is moved back to New": """
        {"acts":[{"at_s":60.0,"what":"unassign"},{"at_s":400.0,"what":"reopen"}],"reactions":["ack 5","ignore"]}""",
    "whoever took it over and gives it back before fixing it is not replaced": """
        {"acts":[{"at_s":60.0,"what":"unassign"},{"at_s":450.0,"what":"unassign"},{"at_s":451.0,"what":"reopen"}],
         "reactions":["ack 5","ack 5","ignore"]}""",
    "what a robot moves to Fixing, after it was given back, is nobody's for ever": """
        {"acts":[{"at_s":20.0,"what":"take"},{"at_s":23.0,"what":"unassign"},{"at_s":24.0,"what":"fix by a robot"}],
         "reactions":["ignore"]}""",
    "who is rung to take over is let go when a robot moves it to Fixing": """
        {"acts":[{"at_s":20.0,"what":"take"},{"at_s":40.0,"what":"unassign"},{"at_s":360.0,"what":"fix by a robot"}],
         "reactions":["ignore"]}""",
    "whoever answers to take over is rung once more by the chain, and the owners hear that nobody answers": """
        {"company":"two imoc rosters","acts":[{"at_s":60.0,"what":"lower to 3"},{"at_s":61.0,"what":"unassign"},
         {"at_s":400.0,"what":"raise to 1"}],"reactions":["ack 5","ignore","ack 5","ignore"]}""",
    "whoever rings in the chain is rung once more to take over": """
        {"acts":[{"at_s":2.0,"what":"fix by a robot"},{"at_s":9.0,"what":"assign to somebody else"},
         {"at_s":60.0,"what":"unassign"}],"reactions":["ignore"]}""",
    "taken by moving it, resolved, and reopened before anybody saw that, it is nobody's for ever": """
        {"acts":[{"at_s":20.0,"what":"fix"},{"at_s":60.0,"what":"resolve"},{"at_s":60.3,"what":"reopen"}],
         "reactions":["ignore"]}""",
    "taken by moving it, resolved, and opened again by a robot before anybody saw that, it is nobody's for ever": """
        {"acts":[{"at_s":20.0,"what":"fix"},{"at_s":60.0,"what":"resolve"},{"at_s":60.3,"what":"fix by a robot"}],
         "reactions":["ignore"]}""",
    "an acknowledgement of ours that runs out is given again, though nobody has it any more": """
        {"company":"pagerduty","acts":[{"at_s":20.0,"what":"take"},{"at_s":40.0,"what":"unassign"},
         {"at_s":1000.0,"what":"acknowledgements run out"}],"reactions":["ignore"]}""",
    "where the next in the chain and the next to take over are begun at once, each waits for the other": """
        {"company":"two imoc rosters","raises":[{"at_s":30.0,"severity":null,"assignee":"emma"}],
         "acts":[{"at_s":40.0,"what":"take"},{"at_s":60.0,"what":"resolve"},{"at_s":150.0,"what":"fix by a robot"},
         {"at_s":200.0,"what":"unassign"}],"reactions":["fix 20"]}""",
    "what is sent again into an alert that we were ending, and that somebody has, counts as answered": """
        {"company":"two imoc rosters","raises":[{"at_s":0.0,"service":"Unknown"}],"acts":[{"at_s":120.0,"what":"resolve"},
         {"at_s":125.0,"what":"reopen"}],"reactions":["ack 40","ignore"],
         "strikes":[{"operation":"opsgenie.find","nth":2,"fault":"401","until":9}]}""",
    "what we acknowledge in the moment in which it is given back silences the next in the chain": """
        {"company":"one pager","begins":"2027-03-28T00:55:00+00:00","raises":[{"at_s":30.0,"service":"Confluence"}],
         "acts":[{"at_s":50.01,"what":"take"},{"at_s":50.03,"what":"take"},{"at_s":90.02,"what":"ask for somebody"},
         {"at_s":90.07,"what":"ask for nobody"},{"at_s":110.01,"what":"unassign"},
         {"at_s":110.03,"what":"assign to the default"},{"at_s":160.0,"what":"close"}],"reactions":["ack 5","ignore"],
         "strikes":[{"operation":"pagerduty.on_call","nth":1,"fault":"timeout after","until":4},
         {"operation":"ledger.replace","nth":1,"fault":"throttled","until":2}],
         "outages":[{"system":"jira.recently_updated","from_s":0.2,"for_s":30.0,"fault":"429"}],
         "fates":[{"sender":"pager","nth":2,"fate":"late","by_s":2.0}],"schedule":220638,"workers":4,"sweep_offset_s":47.0,
         "takes_s":45.0,"worker_skew_s":0.5,"healed_s":330.0,"redelivered":[6],"long_ago":"open"}""",
    "the owners do not hear that nobody answers, because the answer to writing it down was lost": """
        {"raises":[{"at_s":0.0,"service":"Unknown"}],"reactions":["ignore"],
         "strikes":[{"operation":"ledger.replace","nth":1,"fault":"5xx after","until":4}],
         "fates":[{"sender":"jira","nth":1,"fate":"doubled","by_s":600.0}]}""",
    "in the round in which somebody turns out to have closed the page at the second pager, the first is asked once more": """
        {"acts":[{"at_s":9.7,"what":"move back"}],
         "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"too slow, nothing done","until":4},
         {"operation":"jira.read","nth":1,"fault":"too slow, and done"},
         {"operation":"pagerduty.open_page","nth":1,"fault":"too slow, and done"}],
         "outages":[{"system":"secrets","from_s":0.0,"for_s":400.0,"fault":"timeout before"}],
         "fates":[{"sender":"jira","nth":1,"fate":"lost"}],"sweep_offset_s":47.0}""",
    "an old alert that somebody has and that cannot be closed keeps the second pager from being rung": """
        {"acts":[{"at_s":60.0,"what":"resolve"},{"at_s":200,"what":"reopen"}],
         "outages":[{"system":"opsgenie.close","from_s":59,"for_s":900,"fault":"5xx before"}]}""",
    "a page that was accepted and lost keeps everybody behind it from being rung": """
        {"reactions":["ignore","ack 20"],"strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"a part of it"}],
         "outages":[{"system":"opsgenie","from_s":32,"for_s":1500,"fault":"401"}]}""",
    "a page that was accepted and lost keeps the second pager from being rung": """
        {"reactions":["ignore"],"strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"a part of it"}],
         "outages":[{"system":"opsgenie","from_s":30.0,"for_s":900.0,"fault":"5xx before"}]}""",
    "in the round in which its page is found, others are rung to take over who are the same people": """
        {"raises":[{"at_s":0.0,"service":"Never heard of"}],"acts":[{"at_s":0.0,"what":"take"},
         {"at_s":30.0,"what":"assign to the default"}],"reactions":["fix 20"],
         "outages":[{"system":"ledger","from_s":0.0,"for_s":900.0,"fault":"reset after"}]}""",
    "a pager that accepts every page and rings nobody keeps its second from being rung": """
        {"raises":[{"at_s":1.0}],"deaf":[0.0,400.0]}""",
    "whoever answered to take over cannot be given it, and when it is New again others are rung over their head": """
        {"raises":[{"at_s":0.0,"severity":2}],"acts":[{"at_s":1.0,"what":"take"},{"at_s":1.1,"what":"fix"},
         {"at_s":15.0,"what":"unassign"},{"at_s":60.0,"what":"reopen"}],"reactions":["ack 5"],
         "fates":[{"sender":"jira","nth":1,"fate":"lost"}],"jira_skew_s":-300.0,
         "outages":[{"system":"jira.assign","from_s":0.0,"for_s":200.0,"fault":"5xx before"}]}""",
    "a pager that lost a page and then refuses it is asked again only after five minutes": """
        {"raises":[{"at_s":0.0}],"reactions":["ack 60"],
         "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"a part of it"},
                    {"operation":"opsgenie.open_page","nth":2,"until":3,"fault":"404"}]}""",
    "what a sweep found while Jira could not be read is settled by whoever comes by meanwhile": """
        {"acts":[{"at_s":60.0,"what":"resolve"},{"at_s":900.0,"what":"reopen"}],
         "outages":[{"system":"jira.read","from_s":890.0,"for_s":3000.0,"fault":"5xx before"}],
         "fates":[{"sender":"jira","nth":5,"fate":"lost"},{"sender":"pager","nth":2,"fate":"doubled","by_s":2400.0}]}""",
    "what a sweep found back while Jira could not be read counts as gone": """
        {"acts":[{"at_s":60.0,"what":"move away"},{"at_s":900.0,"what":"move back"}],
         "outages":[{"system":"jira.read","from_s":890.0,"for_s":3000.0,"fault":"5xx before"}],
         "fates":[{"sender":"jira","nth":5,"fate":"lost"}]}""",
    "what a sweep found is dropped where it cannot be written down for minutes": """
        {"acts":[{"at_s":60.0,"what":"resolve"},{"at_s":900.0,"what":"reopen"}],"search_lag_s":200.0,
         "outages":[{"system":"ledger.see","from_s":890.0,"for_s":2600.0,"fault":"throttled"}],
         "fates":[{"sender":"jira","nth":5,"fate":"lost"}]}""",
    "an issue of which only its leaving is known is not due when a sweep finds it back": """
        {"acts":[{"at_s":3.0,"what":"move away"},{"at_s":900.0,"what":"move back"}],
         "outages":[{"system":"jira.read","from_s":890.0,"for_s":3000.0,"fault":"5xx before"},
                    {"system":"queue.send","from_s":2500.0,"for_s":60.0,"fault":"5xx before"}],
         "fates":[{"sender":"jira","nth":1,"fate":"lost"},{"sender":"jira","nth":3,"fate":"lost"}]}""",
    "a page of which nobody knows since it was wanted before keeps the second from being rung": """
        {"acts":[{"at_s":10.0,"what":"resolve"},{"at_s":500.0,"what":"reopen"},{"at_s":520.0,"what":"resolve"},
         {"at_s":600.0,"what":"reopen"}],"reactions":["ack 60"],
         "strikes":[{"operation":"opsgenie.open_page","nth":2,"until":4,"fault":"a part of it"}],
         "outages":[{"system":"ledger","from_s":499.0,"for_s":35.0,"fault":"5xx before"},
         {"system":"opsgenie","from_s":590.0,"for_s":900.0,"fault":"5xx before"}]}""",
    "a page of which nobody knows since it was wanted before counts as not answered for five minutes": """
        {"acts":[{"at_s":10.0,"what":"resolve"},{"at_s":500.0,"what":"reopen"},{"at_s":520.0,"what":"resolve"},
         {"at_s":600.0,"what":"reopen"}],"reactions":["ack 60"],
         "strikes":[{"operation":"opsgenie.open_page","nth":2,"until":4,"fault":"a part of it"}],
         "outages":[{"system":"ledger","from_s":499.0,"for_s":35.0,"fault":"5xx before"}]}""",
    "owners are told once, and not again when somebody is needed again": """
        {"company":"one pager","acts":[{"at_s":75.0,"what":"resolve"},{"at_s":150.0,"what":"reopen"}],
         "deaf":[0.0,900.0],"reactions":["ack 60"]}""",
    "owners hear that nobody is left to call while the second is still to come": """
        {"raises":[{"at_s":0.0}],"deaf":[0.0,400.0],"reactions":["ack 5"]}""",
    "wanted again, all that was lost before is sent at once, and not one after the other": """
        {"acts":[{"at_s":75.0,"what":"resolve"},{"at_s":150.0,"what":"reopen"}],"reactions":["ack 60"],
         "strikes":[{"operation":"opsgenie.open_page","nth":1,"until":3,"fault":"a part of it"}]}""",
    "a look that is to wait for an hour keeps an old alert open for as long, and whoever is needed again from being rung": """
        {"company":"one pager","acts":[{"at_s":60.0,"what":"resolve"},{"at_s":80.0,"what":"reopen"}],
         "reactions":["ack 5"],
         "outages":[{"system":"opsgenie.find","from_s":59.0,"for_s":5.0,"fault":"429, again in 3600 s"}]}""",
    "a look that is to wait for an hour keeps a page from being sent": """
        {"company":"one pager","acts":[{"at_s":2.0,"what":"resolve"},{"at_s":30.0,"what":"reopen"}],
         "reactions":["ack 60"],
         "strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"5xx before"},
         {"operation":"opsgenie.find","nth":1,"fault":"429, again in 3600 s"}]}""",
    "a look that is to wait for an hour hides an answer that the pager told of": """
        {"company":"one pager","reactions":["ack 400"],
         "outages":[{"system":"opsgenie.read","from_s":299.0,"for_s":10.0,"fault":"429, again in 3600 s"}]}""",
    "a look that is to wait for an hour lets ring what somebody has taken in Jira": """
        {"company":"one pager","acts":[{"at_s":20.0,"what":"take"}],"reactions":["ignore"],
         "outages":[{"system":"opsgenie.read","from_s":19.0,"for_s":3.0,"fault":"429, again in 3600 s"}]}""",
    "a look that is to wait for an hour lets ring what nobody needs any more": """
        {"company":"one pager","acts":[{"at_s":30.0,"what":"resolve"}],"reactions":["ignore"],
         "outages":[{"system":"opsgenie.read","from_s":29.0,"for_s":3.0,"fault":"429, again in 3600 s"}]}""",
    "what is to wait for an hour is not looked for meanwhile, though it was sent before: an answer is overlooked": """
        {"reactions":["ack 5","ignore"],
         "takes_s":20.0,"pager_hooks":false,"strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"},
         {"operation":"opsgenie.open_page","nth":2,"fault":"429, again in 3600 s"}]}""",
    "what is to wait for an hour is not looked for meanwhile, though it was sent before: it rings on unneeded": """
        {"company":"one pager","acts":[{"at_s":15.0,"what":"resolve"}],"reactions":["ignore"],
         "takes_s":20.0,"pager_hooks":false,"strikes":[{"operation":"opsgenie.open_page","nth":1,"fault":"timeout after"},
         {"operation":"opsgenie.open_page","nth":2,"fault":"429, again in 3600 s"}]}""",
    "what this very pass has seen ring is paged once more without the ledger": """
        {"company":"one pager","raises":[{"at_s":1.0,"service":"Never heard of"}],"reactions":["close 5","ack 40"],
         "begins":"2026-12-31T23:57:00+00:00","healed_s":301.0,
         "acts":[{"at_s":61.01,"what":"ask for somebody"},{"at_s":121.01,"what":"ask for nobody"}],
         "strikes":[{"operation":"ledger.read","nth":2,"fault":"throttled"},
                    {"operation":"ledger.book_wake","nth":1,"fault":"throttled"},
                    {"operation":"ledger.read","nth":1,"fault":"crash after","until":4},
                    {"operation":"ledger.replace","nth":1,"fault":"reset after"},
                    {"operation":"opsgenie.find","nth":3,"fault":"reset before"}],
         "schedule":910356,"workers":8,"sweep_offset_s":1.0,"takes_s":2.0,"pager_skew_s":-300.0}""",
    "the second of a pager that refuses every page stays silent": """
        {"reactions":["ack 5"],"schedule":5,
         "outages":[{"system":"opsgenie.open_page","from_s":0.0,"for_s":3000.0,"fault":"409"}]}""",
    "a look that is to wait for an hour hides an answer, and somebody is asked to take over at once": """
        {"company":"one pager","acts":[{"at_s":20.0,"what":"take"},{"at_s":60.0,"what":"unassign"}],"reactions":["ack 150"],
         "outages":[{"system":"opsgenie.read","from_s":19.0,"for_s":10.0,"fault":"429, again in 3600 s"}]}""",
    "how far the sweeps came cannot be read once, and counts as done, though nobody could search for long": """
        {"acts":[{"at_s":60,"what":"resolve"},{"at_s":1000,"what":"reopen"}],
         "outages":[{"system":"jira.recently_updated","from_s":890,"for_s":4500,"fault":"5xx before"},
         {"system":"ledger.swept_at","from_s":5380,"for_s":70,"fault":"throttled"}],
         "fates":[{"sender":"jira","nth":5,"fate":"lost"}]}""",
    "what a search shows for the only time answers 404 once, and is forgotten": """
        {"acts":[{"at_s":60,"what":"resolve"},{"at_s":1000,"what":"reopen"}],
         "outages":[{"system":"jira.recently_updated","from_s":890,"for_s":1220,"fault":"5xx before"},
         {"system":"jira.read","from_s":2100,"for_s":75,"fault":"404"}],
         "fates":[{"sender":"jira","nth":5,"fate":"lost"}]}""",
    "what was refused and may ring is looked for only minutes later, though somebody has it": """
        {"acts":[{"at_s":66.0,"what":"assign to somebody else"}],"reactions":["take 15"],"pager_hooks":false,
         "outages":[{"system":"opsgenie","from_s":1.0,"for_s":200.0,"fault":"404"}]}""",
    "who has acknowledged what was sent without the ledger is given what is opened again": """
        {"acts":[{"at_s":60.0,"what":"resolve"},{"at_s":100.0,"what":"reopen"}],"reactions":["close 5","ack 5"],
         "outages":[{"system":"opsgenie","from_s":10.0,"for_s":100.0,"fault":"5xx after"},
         {"system":"ledger","from_s":10.0,"for_s":30.0,"fault":"reset after"}]}""",
    "what a pager makes late is closed with the old alert that was in its way, and rings twice": """
        {"company":"one pager","acts":[{"at_s":0.02,"what":"take"},{"at_s":3.4,"what":"raise to 1"},
         {"at_s":5.0,"what":"assign to the default"},{"at_s":20.0,"what":"lower to 3"},
         {"at_s":20.3,"what":"raise to 1"},{"at_s":25.0,"what":"ask for somebody"}],"reactions":["ack 5"],
         "strikes":[{"operation":"ledger.insert","nth":1,"fault":"reset after"},
         {"operation":"opsgenie.read","nth":7,"fault":"429, again in 1 s","until":12}],"schedule":4,"deaf":[20.0,
         150.0]}""",
    "opened again while a list fails, it is sent into what somebody had in hand for as long as that lasts": """
        {"acts":[{"at_s":60,"what":"resolve"},{"at_s":100,"what":"reopen"}],"reactions":["ack 30","ignore"],
         "outages":[{"system":"opsgenie.find","from_s":40,"for_s":1200,"fault":"5xx before"},
         {"system":"opsgenie.read","from_s":40,"for_s":80,"fault":"5xx before"}]}""",
    "what is in the way of what is opened again is not closed because a look failed just before": """
        {"acts":[{"at_s":60,"what":"resolve"},{"at_s":100,"what":"reopen"}],"reactions":["ack 30","ignore"],
         "outages":[{"system":"opsgenie.find","from_s":50,"for_s":1200,"fault":"timeout before"},
         {"system":"opsgenie.close","from_s":50,"for_s":55,"fault":"5xx before"}]}""",
    "what is heard of while nobody is needed, and cannot be written down as over, counts as closed": """
        {"company":"one pager","acts":[{"at_s":20,"what":"resolve"},{"at_s":120,"what":"reopen"}],
         "reactions":["close 65","ignore"],
         "outages":[{"system":"opsgenie.find","from_s":0.3,"for_s":84.5,"fault":"5xx before"},
         {"system":"opsgenie.read","from_s":0.3,"for_s":84.5,"fault":"5xx before"},
         {"system":"opsgenie.confirm","from_s":0.3,"for_s":84.5,"fault":"5xx before"},
         {"system":"ledger.replace","from_s":90.445,"for_s":29,"fault":"5xx before"}]}""",
    "by a pager's clock that is behind, who answers what was opened again has answered before": """
        {"company":"two pagers","acts":[{"at_s":60,"what":"resolve"},{"at_s":100,"what":"reopen"},
         {"at_s":103,"what":"lower to 3"},{"at_s":107,"what":"raise to 1"}],"reactions":["ack 3","ack 30","ignore"],
         "pager_skew_s":-300,
         "strikes":[{"operation":"opsgenie.open_page","nth":1,"until":3,"fault":"429, again in 30 s"}],
         "outages":[{"system":"opsgenie.find","from_s":0.3,"for_s":200,"fault":"429, again in 30 s"},
         {"system":"opsgenie.read","from_s":0.3,"for_s":200,"fault":"429, again in 30 s"}]}""",
    "who had a severity 3 in hand hides that it is major now": """
        {"raises":[{"at_s":0,"severity":3}],"acts":[{"at_s":60,"what":"fix"},{"at_s":4000,"what":"raise to 1"}],
         "reactions":["ignore"]}""",
    "who had it before it was resolved hides that it is open again": """
        {"acts":[{"at_s":60,"what":"take"},{"at_s":100,"what":"resolve"},{"at_s":90000,"what":"reopen"}],
         "reactions":["ignore"]}""",
    "who fixed it before it was moved away hides that it is back": """
        {"acts":[{"at_s":60,"what":"fix"},{"at_s":100,"what":"move away"},{"at_s":4000,"what":"move back"}],
         "reactions":["ignore"]}""",
    "an assignee who has taken nothing hides that whoever fixed it has left": """
        {"raises":[{"at_s":0,"assignee":"emma"}],"acts":[{"at_s":30,"what":"fix"},{"at_s":38,"what":"reopen"}],
         "reactions":["ignore"]}""",
    "an assignee who has taken nothing hides that whoever answered has left": """
        {"raises":[{"at_s":0,"assignee":"emma"}],"acts":[{"at_s":38,"what":"reopen"}],"reactions":["ack 5","ignore"]}""",
    "taken and made major in the same millisecond is one act, and takes it": """
        {"raises":[{"at_s":0.0,"severity":3}],"acts":[{"at_s":90.4,"what":"fix"},{"at_s":90.4,"what":"raise to 2"}],
         "reactions":["ignore"]}""",
    "who took it, moved it back to New, and had it until it was made major anew has not left before that": """
        {"raises":[{"at_s":1.0}],"acts":[{"at_s":1.02,"what":"fix"},{"at_s":2.75,"what":"assign to somebody else"},
         {"at_s":9.0,"what":"take"},{"at_s":16.02,"what":"reopen"},{"at_s":121.01,"what":"lower to 3"},
         {"at_s":121.31,"what":"raise to 1"}],"reactions":["take 15","ack 5"],
         "strikes":[{"operation":"ledger.see","nth":9,"fault":"reset after","until":12}],"workers":8}""",
    "who had it before it was opened again has not left with that, but when it is moved back": """
        {"acts":[{"at_s":47,"what":"take"},{"at_s":65.4,"what":"resolve"},{"at_s":300.07,"what":"reopen"},
         {"at_s":320,"what":"fix"},{"at_s":600.03,"what":"reopen"}],"reactions":["ignore"]}""",
}


@pytest.mark.parametrize("name", LIVES, ids=list(LIVES))
def test_what_went_wrong_once_goes_well(name: str):
    verdict = play(script_from_json(LIVES[name]))
    assert verdict.violation is None


def test_a_page_is_not_made_blind_because_a_storm_cannot_be_counted():
    life = LIVES["the storm cannot be counted, and the page is made blind for it"]
    story = "\n".join(play(script_from_json(life), tell=True).story)
    assert "storm_not_counted" in story
    assert "paged_blind" not in story
