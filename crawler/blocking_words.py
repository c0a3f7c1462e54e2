"""What challenges, logins, consent walls, maintenance, parked names and missing pages say, in three languages.

One phrase a line, as a regular expression; case does not matter. A phrase must be one that the page's software says
of itself: "captcha" or "login" alone are subjects of news.
"""

from __future__ import annotations

import re


def _any_of(phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(map(str.strip, phrases.strip().splitlines())), re.IGNORECASE | re.MULTILINE)


CHALLENGE_MARKS = _any_of(r"""
    _cf_chl_opt
    /cdn-cgi/challenge-platform/h/[a-z]/orchestrate
    <form[^>]{0,300}\bid=["']challenge-form
    cf_captcha_kind
    geo\.captcha-delivery\.com
    \bid=["']px-captcha
    /\.well-known/sgcaptcha
    \bid=["']anubis_challenge
    sucuri_cloudproxy_js
    <title>\s*just a moment(?:\.\.\.|…)\s*</title
    <title>\s*attention required! \| cloudflare
    <title>\s*ddos-guard\s*</title
    <title>\s*pardon our interruption
""")
"""Left in the markup by the challenge itself, never by people who write about it."""

CHALLENGE_SCRIPTS = _any_of(r"""
    _Incapsula_Resource
    /_sec/cp_challenge
    _pxAppId
    ddos-guard/js-challenge
    AwsWafIntegration
    g-recaptcha
    h-captcha
    cf-turnstile
    /cdn-cgi/challenge-platform/
    datadome
""")
"""Scripts of protections, which stand on ordinary pages too."""

CHALLENGE = _any_of(r"""
    just a moment\s*(?:\.\.\.|…|$)
    checking (?:if the site connection is secure|your browser)
    verif(?:y|ying) (?:that )?you are (?:a )?human
    needs to review the security of your connection
    enable javascript and cookies
    are you (?:a )?(?:human|robot)\?
    prove (?:that )?you are (?:a )?human
    unusual traffic from
    complete the (?:security check|captcha)
    ^\W*(?:access denied|request blocked|security check)\W*$
    you have been blocked
    you don['’]t have permission to access
    (?:vérification de|nous vérifions) votre navigateur
    vérifi(?:er|ez|ons) que vous (?:êtes|n['’]êtes pas) (?:un |bien )?(?:humain|robot)
    êtes-vous un (?:humain|robot)
    active[rz] javascript et les cookies
    trafic inhabituel
    ^\W*(?:un instant|accès refusé|accès interdit)\W*$
    (?:التحقق|نتحقق) من (?:متصفحك|أنك (?:إنسان|بشر|لست روبوت)|أمان (?:اتصالك|الاتصال))
    أنا لست روبوت
    (?:تمكين|تفعيل) (?:ال)?جافا ?سكريبت وملفات
    ^\W*(?:لحظة من فضلك|تم رفض الوصول|الوصول مرفوض)\W*$
""")

LOGIN = _any_of(r"""
    log[ -]?in
    sign[ -]?in
    forgot (?:your )?password
    lost your password
    members? only
    connexion
    se connecter
    connectez-vous
    mot de passe
    identifi(?:ez-vous|ant)
    تسجيل الدخول
    (?:نسيت )?كلمة (?:المرور|السر)
    اسم المستخدم
""")

CONSENT = _any_of(r"""
    (?:we|our partners|this site) .{0,60}(?:use|store).{0,40}cookies
    accept (?:all|cookies|and continue)
    before you continue
    (?:manage|give) (?:your )?consent
    we (?:value|respect) your privacy
    (?:tout )?accepter (?:et continuer|les cookies|tout)
    tout accepter
    votre consentement
    continuer sans accepter
    respect(?:ons)? (?:de )?votre vie privée
    ملفات (?:تعريف الارتباط|الكوكيز)
    (?:قبول|الموافقة على) (?:الكل|الجميع)
    نحترم خصوصيتك
""")

MAINTENANCE = _any_of(r"""
    (?:under|down for|undergoing) (?:scheduled |planned |routine )?maintenance
    briefly unavailable for
    maintenance mode
    be (?:right )?back (?:soon|shortly)
    (?:site|service|page) is (?:temporarily |currently )?(?:unavailable|offline|down)
    error establishing a database connection
    (?:site|service|page) (?:est )?(?:actuellement )?en (?:cours de )?maintenance
    (?:momentanément|temporairement) indisponible
    bientôt de retour
    (?:تحت|قيد|في وضع) الصيانة
    أعمال (?:ال)?صيانة
    غير متاح(?:ة)? مؤقت
    سنعود قريب
""")

PARKED = _any_of(r"""
    domain (?:name )?(?:is|may be) (?:for sale|parked|available)
    (?:buy|get|inquire about) this domain
    parked (?:free|domain|at)
    domain (?:name )?has expired
    account (?:has been )?suspended
    future home of
    default web ?(?:site )?page
    ^\W*(?:welcome to nginx|it works)\W*$
    domaine (?:est )?(?:à vendre|expiré|parqué|disponible)
    compte (?:est )?suspendu
    (?:النطاق|الدومين) (?:معروض )?للبيع
    انتهت صلاحية (?:النطاق|الدومين)
    تم (?:إيقاف|تعليق) (?:هذا )?الحساب
""")

MISSING = _any_of(r"""
    (?:page|content|address) (?:was |could )?not (?:be )?found
    (?:page|content) (?:does not|doesn['’]t|no longer) exists?
    ^\W*(?:error )?404\b
    \b404\W*$
    can['’]t be found
    page (?:non trouvée|introuvable|inexistante)
    contenu introuvable
    n['’]existe (?:pas|plus)
    الصفحة (?:غير موجودة|المطلوبة غير)
    لم (?:يتم العثور|نعثر|نتمكن من العثور) على (?:هذه |هذا )?(?:الصفحة|صفحة|المحتوى|العنوان)
""")

EMPTY = _any_of(r"""
    nothing (?:was )?found
    aucun résultat
    لم (?:يتم العثور|نعثر|نتمكن من العثور)
    لا توجد نتائج
""")
